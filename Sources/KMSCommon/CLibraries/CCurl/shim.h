// libcurl: HTTP. Only KMSNetwork may import this.
//
// The library is not linked: loading it and the thirty that it needs costs more than everything else that a stage does
// when there is nothing to ask. LibCurl.swift loads it before the first call.
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

// Every function that is called, without its prefix.
#define KMS_CURL_FUNCTIONS(f)                                                                                  \
  f(easy_cleanup) f(easy_getinfo) f(easy_init) f(easy_pause) f(easy_setopt) f(easy_strerror) f(getdate) f(global_init)       \
  f(multi_add_handle) f(multi_cleanup) f(multi_info_read) f(multi_init) f(multi_perform) f(multi_poll)         \
  f(multi_remove_handle) f(multi_setopt) f(multi_strerror) f(slist_append) f(slist_free_all)

// Their addresses; the types are those of libcurl's own header.
typedef struct kms_curl {
#define KMS_CURL_FIELD(name) __typeof__(curl_##name) *_Nonnull name;
  KMS_CURL_FUNCTIONS(KMS_CURL_FIELD)
#undef KMS_CURL_FIELD
} kms_curl;

typedef const kms_curl *_Nonnull KMSCurl;

// Looks all of them up in a loaded libcurl; returns the name of one that is not there, or NULL.
static inline const char *_Nullable kms_curl_bind(void *_Nonnull library, kms_curl *_Nonnull curl) {
  void *address;
#define KMS_CURL_BIND(name)                                                 \
  if (!(address = dlsym(library, "curl_" #name))) return "curl_" #name;     \
  curl->name = (__typeof__(curl->name))address;
  KMS_CURL_FUNCTIONS(KMS_CURL_BIND)
#undef KMS_CURL_BIND
  return NULL;
}

// curl_easy_setopt and its kin take variable arguments, which Swift does not import: one wrapper for each type.

typedef size_t (*kms_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*kms_curl_seek_callback)(void *, curl_off_t, int);

static inline CURLcode kms_curl_set_long(KMSCurl curl, CURL *handle, CURLoption option, long value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_offset(KMSCurl curl, CURL *handle, CURLoption option, curl_off_t value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_text(KMSCurl curl, CURL *handle, CURLoption option, const char *value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_pointer(KMSCurl curl, CURL *handle, CURLoption option, void *value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_list(KMSCurl curl, CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_data_callback(
    KMSCurl curl, CURL *handle, CURLoption option, kms_curl_data_callback value) {
  return curl->easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_seek_callback(KMSCurl curl, CURL *handle, kms_curl_seek_callback value) {
  return curl->easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

// The options' names changed in 7.85; both sets take "http" and "https" and nothing else here. The library that is loaded may be
// older than the one whose header this is compiled with (Ubuntu 22.04 has 7.81).
static inline CURLcode kms_curl_restrict_protocols(KMSCurl curl, CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode code = curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  if (code == CURLE_OK) code = curl->easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  if (code != CURLE_UNKNOWN_OPTION) return code;
#endif
  // CURLOPT_PROTOCOLS and CURLOPT_REDIR_PROTOCOLS, whose names are deprecated since.
  const CURLoption protocols = (CURLoption)(CURLOPTTYPE_LONG + 181), redirected = (CURLoption)(CURLOPTTYPE_LONG + 182);
  CURLcode old = curl->easy_setopt(handle, protocols, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  return old ? old : curl->easy_setopt(handle, redirected, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

static inline CURLcode kms_curl_get_long(KMSCurl curl, CURL *handle, CURLINFO info, long *value) {
  return curl->easy_getinfo(handle, info, value);
}

static inline CURLMcode kms_curl_multi_set_long(KMSCurl curl, CURLM *multi, CURLMoption option, long value) {
  return curl->multi_setopt(multi, option, value);
}

// CURLMsg keeps its result in a union.
static inline CURLcode kms_curl_message_result(const CURLMsg *message) { return message->data.result; }
