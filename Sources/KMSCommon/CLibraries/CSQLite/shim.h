// SQLite: storage of the vault and of the journal.
#include <sqlite3.h>
