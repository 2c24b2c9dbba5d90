// libsodium: locked memory, Argon2id, Ed25519, BLAKE2b, random bytes.
#include <sodium.h>
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...); // glibc declares it for _DEFAULT_SOURCE only

// prctl(2) and syscall(2) are variadic, which Swift can't call.
static inline int kms_forbid_core_dumps(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }
static inline int kms_allow_inspection(void) { return prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); }
static inline int kms_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC); }
