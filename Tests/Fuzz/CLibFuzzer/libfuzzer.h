// The two functions of libFuzzer that a program with its own main calls.
// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library, and FuzzerInterface.h of LLVM.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximum);
