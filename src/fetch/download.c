/* SPDX-License-Identifier: Apache-2.0 */

#include "fetch/download.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "util/defer.h"
#include "util/log.h"
#include "util/time.h"

#define CONNECT_SEC   15
#define REDIRECTS_MAX 3
#define BODY_SIZE     (ORDER_IDS_MAX * (REFERENCE_SIZE + 3) + 32)
#define STATUS_OK     200

DEFINE_DEFER(CURL *, curl_easy_cleanup);
DEFINE_DEFER(struct curl_slist *, curl_slist_free_all);
DEFINE_DEFER(char *, curl_free);
DEFINE_DEFER(CURLU *, curl_url_cleanup);

struct download {
        CURL *curl;
        struct answer *answer;
        enum reason why; /* why the transfer was ended here */
};

/* An id has no character that JSON escapes. */
static void write_body(const struct order *order, char body[BODY_SIZE])
{
        size_t n = (size_t)snprintf(body, BODY_SIZE, "{\"ids\":[");

        for (size_t i = 0; i < order->n_ids; i++)
                n += (size_t)snprintf(body + n, BODY_SIZE - n, "%s\"%s\"", i ? "," : "",
                                      order->ids[i]);
        (void)snprintf(body + n, BODY_SIZE - n, "]}");
}

/* Only the body of a good answer is read; that of another ends with its first byte. */
static size_t on_bytes(char *bytes, size_t size, size_t n, void *userdata)
{
        struct download *d = userdata;
        long status = 0;

        (void)curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &status);
        if (status != STATUS_OK)
                return 0;
        d->why = answer_take(d->answer, bytes, size * n);
        return d->why == REASON_NONE ? size * n : 0;
}

static CURLcode set_trust(CURL *curl, const struct download_trust *trust)
{
        struct curl_blob blob = {(void *)trust->bytes, trust->n_bytes, CURL_BLOB_COPY};
        CURLcode code;

        if (!trust->bytes)
                return CURLE_OK;
        code = curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
        return code;
}

/* Nothing of the user's or the environment's has a say: no proxy, no login, no cookie. */
static CURLcode set_up(struct download *d, const char *body, struct curl_slist *headers)
{
        CURL *curl = d->curl;
        CURLcode code;

        code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SEC);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
        if (code == CURLE_OK)
                code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
        return code;
}

static enum reason reason_of(CURLcode code)
{
        switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
                return REASON_FETCH_UNTRUSTED;
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
                return REASON_FETCH_INCOMPLETE;
        case CURLE_OUT_OF_MEMORY:
                return REASON_INTERNAL;
        default:
                return REASON_FETCH_UNREACHABLE;
        }
}

static char *part_of(CURLU *url, CURLUPart part)
{
        char *text = NULL;

        return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool have_same(CURLU *one, CURLU *other, CURLUPart part)
{
        _defer_(curl_free) char *a = part_of(one, part);
        _defer_(curl_free) char *b = part_of(other, part);

        return a && b && strcasecmp(a, b) == 0;
}

/* Whether both are of the same scheme, host and port, so that nobody else learns of the request. */
static bool is_same_origin(const char *one, const char *other)
{
        _defer_(curl_url_cleanup) CURLU *a = curl_url();
        _defer_(curl_url_cleanup) CURLU *b = curl_url();

        return a && b && curl_url_set(a, CURLUPART_URL, one, 0) == CURLUE_OK &&
               curl_url_set(b, CURLUPART_URL, other, 0) == CURLUE_OK &&
               have_same(a, b, CURLUPART_SCHEME) && have_same(a, b, CURLUPART_HOST) &&
               have_same(a, b, CURLUPART_PORT);
}

/* What an answer comes to; @ret_next has where it leads, if it leads on. */
static enum reason judge(struct download *d, CURLcode code, char ret_next[ORDER_URL_SIZE])
{
        const char *next = NULL;
        long status = 0;

        (void)curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &status);
        (void)curl_easy_getinfo(d->curl, CURLINFO_REDIRECT_URL, &next);
        if (d->why != REASON_NONE)
                return d->why;
        if (code != CURLE_OK && (code != CURLE_WRITE_ERROR || status == STATUS_OK)) {
                log_warning("The web service cannot be asked: %s", curl_easy_strerror(code));
                return reason_of(code);
        }
        if (status == STATUS_OK)
                return answer_end(d->answer);
        if (status >= 300 && status < 400) {
                if (next && strlen(next) < ORDER_URL_SIZE)
                        (void)snprintf(ret_next, ORDER_URL_SIZE, "%s", next);
                return REASON_FETCH_REDIRECTED;
        }
        log_warning("The web service answers with the status %ld", status);
        return REASON_FETCH_REFUSED;
}

static enum reason ask(struct download *d, const struct order *order,
                       const struct download_trust *trust)
{
        char url[ORDER_URL_SIZE], next[ORDER_URL_SIZE];
        uint64_t end = time_now_usec() + ORDER_SEC * UINT64_C(1000000);
        enum reason why = REASON_INTERNAL;
        CURLcode code;

        (void)snprintf(url, sizeof(url), "%s", order->url);
        for (int i = 0; i <= REDIRECTS_MAX; i++) {
                uint64_t now = time_now_usec();

                next[0] = '\0';
                code = curl_easy_setopt(d->curl, CURLOPT_URL, url);
                if (code == CURLE_OK)
                        code = curl_easy_setopt(d->curl, CURLOPT_TIMEOUT_MS,
                                                now < end ? (long)((end - now) / 1000) + 1 : 1L);
                if (code == CURLE_OK)
                        code = set_trust(d->curl, trust);
                if (code == CURLE_OK)
                        code = curl_easy_perform(d->curl);
                why = judge(d, code, next);
                if (why != REASON_FETCH_REDIRECTED || !is_same_origin(url, next))
                        break;
                (void)snprintf(url, sizeof(url), "%s", next);
        }
        return why;
}

enum reason download(const struct order *order, const struct download_trust *trust,
                     struct answer *answer)
{
        _defer_(curl_easy_cleanup) CURL *curl = curl_easy_init();
        _defer_(curl_slist_free_all) struct curl_slist *headers =
                curl_slist_append(NULL, "Content-Type: application/json");
        struct download d = {.curl = curl, .answer = answer};
        char body[BODY_SIZE];

        write_body(order, body);
        if (!curl || !headers || set_up(&d, body, headers) != CURLE_OK)
                return REASON_INTERNAL;
        return ask(&d, order, trust);
}
