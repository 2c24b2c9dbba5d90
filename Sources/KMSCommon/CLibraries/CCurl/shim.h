// libcurl: HTTP. Only KMSNetwork may import this.
#include <curl/curl.h>

// curl_easy_setopt and its kin take variable arguments, which Swift does not import: one wrapper for each type.

typedef size_t (*kms_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*kms_curl_seek_callback)(void *, curl_off_t, int);

static inline CURLcode kms_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_data_callback(CURL *handle, CURLoption option, kms_curl_data_callback value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kms_curl_set_seek_callback(CURL *handle, kms_curl_seek_callback value) {
  return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

// The options' names changed in 7.85; both sets take "http" and "https" and nothing else here.
static inline CURLcode kms_curl_restrict_protocols(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  return code ? code : curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  CURLcode code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  return code ? code : curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static inline CURLcode kms_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode kms_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

// CURLMsg keeps its result in a union.
static inline CURLcode kms_curl_message_result(const CURLMsg *message) { return message->data.result; }
