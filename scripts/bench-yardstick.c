// The yardstick of scripts/bench: how many signatures a second the bare libraries make on one core.
// usage: bench-yardstick secp256k1|ed25519 SECONDS
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 3 || sodium_init() < 0) return 64;
  double seconds = atof(argv[2]), start = now(), spent = 0;
  unsigned long count = 0;
  unsigned char message[32] = {1}, key[32] = {2};
  if (strcmp(argv[1], "secp256k1") == 0) {
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    secp256k1_ecdsa_recoverable_signature signature;
    for (; (spent = now() - start) < seconds; count++) {
      memcpy(message, &count, sizeof count);
      if (!secp256k1_ecdsa_sign_recoverable(context, &signature, message, key, NULL, NULL)) return 70;
    }
  } else {
    unsigned char public_key[32], secret[64], signature[64];
    crypto_sign_seed_keypair(public_key, secret, key);
    for (; (spent = now() - start) < seconds; count++) {
      memcpy(message, &count, sizeof count);
      crypto_sign_detached(signature, NULL, message, sizeof message, secret);
    }
  }
  printf("%.1f\n", (double)count / spent);
  return 0;
}
