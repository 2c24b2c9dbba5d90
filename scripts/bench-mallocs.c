// Counts the blocks that a program allocates, for scripts/bench: loaded by LD_PRELOAD, it writes the count to the file that
// KMS_BENCH_MALLOCS names when the program ends. The functions behind malloc are glibc's own (__libc_malloc, malloc.c).
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong blocks;

void *malloc(size_t size) {
  atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = aligned_alloc(alignment, size);
  return *block ? 0 : 12;
}

// Opened before the program confines itself.
static FILE *out;
__attribute__((constructor)) static void start(void) {
  const char *path = getenv("KMS_BENCH_MALLOCS");
  if (path) out = fopen(path, "w");
}

__attribute__((destructor)) static void finish(void) {
  if (out) fprintf(out, "%lu\n", atomic_load(&blocks));
}
