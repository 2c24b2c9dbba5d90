// libsodium: locked memory, Argon2id, Ed25519, BLAKE2b, random bytes.
#include <sodium.h>
