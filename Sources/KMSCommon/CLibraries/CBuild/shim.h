// Where scripts/install writes from which commit a program was built, and with which libraries. After building, because a
// program that is told while it is compiled is compiled anew for each commit.

// 10 characters to be found by, and room for 200. Volatile: what is read is what stands in the file, not what was compiled.
static inline const char *_Nonnull kms_build_note(void) {
  static const volatile char note[] =
      "KMS-BUILD:"
      "                                                                                                    "
      "                                                                                                    ";
  return (const char *)note;
}
