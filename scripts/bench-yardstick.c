// The yardstick of scripts/bench: how many signatures a second bare libsecp256k1 makes on one core, of CPU time.
// usage: bench-yardstick SECONDS
#include <secp256k1.h>
#include <secp256k1_recovery.h>
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
  if (argc != 2) return 64;
  double seconds = atof(argv[1]), start = now(), spent = 0;
  unsigned long count = 0;
  unsigned char message[32] = {1}, key[32] = {2};
  secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
  secp256k1_ecdsa_recoverable_signature signature;
  for (; (spent = now() - start) < seconds; count++) {
    memcpy(message, &count, sizeof count);
    if (!secp256k1_ecdsa_sign_recoverable(context, &signature, message, key, NULL, NULL)) return 70;
  }
  printf("%.1f\n", (double)count / spent);
  return 0;
}
