// OpenSSL's libcrypto: AES-GCM, AES-CBC, SHA-2, SHA-3, RIPEMD-160, HMAC, PBKDF2. TLS comes with libcurl.
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
