// libsecp256k1: every operation on that curve.
#include <secp256k1.h>
#include <secp256k1_recovery.h>
