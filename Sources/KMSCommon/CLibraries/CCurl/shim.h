// libcurl: HTTP. Only KMSNetwork may import this.
#include <curl/curl.h>
