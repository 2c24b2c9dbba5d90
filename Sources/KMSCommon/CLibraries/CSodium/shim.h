// libsodium: locked memory, Argon2id, Ed25519, BLAKE2b, random bytes.
#include <sodium.h>
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift can't call.
static inline int kms_forbid_core_dumps(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }
static inline int kms_allow_inspection(void) { return prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); }
