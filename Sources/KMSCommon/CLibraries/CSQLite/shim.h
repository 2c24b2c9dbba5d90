// SQLite: storage of the vault and of the journal; and what files need beside it.
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

// renameat2(2) with RENAME_NOREPLACE (1) in the current folder (AT_FDCWD, -100): the C library shows it to GNU programs
// only, and <fcntl.h> would make a second home for struct stat.
static inline int kms_rename_without_replacing(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, -100, from, -100, to, 1u);
}
