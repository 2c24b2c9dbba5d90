// OpenSSL's libcrypto: AES-GCM, AES-CBC, SHA-2, SHA-3, RIPEMD-160, HMAC, PBKDF2. TLS comes with libcurl.
// SHA256_Update and its kin are deprecated as an interface for new designs, and the only one without a heap allocation:
// DeterministicNonce.swift says what for.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/bn.h>
#include <openssl/sha.h>
#include <openssl/ripemd.h>
#include <openssl/md5.h>
#include <openssl/hmac.h>
#include <openssl/err.h>
#include <openssl/crypto.h>
