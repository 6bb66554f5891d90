/*
 * openapi_routes: serves the OpenAPI description.
 *
 * The build makes one openapi.json for all installations. Each response
 * replaces its server by the configured base_url, so that generated clients
 * connect to this installation.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "fcgi/core/routes.h"

#define DOCUMENT_MAX	(8 * 1024 * 1024)
/*
 * Precedes the URL. JSON strings cannot contain it, because they escape quotes.
 */
#define SERVER_BEGIN	"\"servers\":[{\"url\":"

/* Opens the document and returns its descriptor, or -1 after a log line. */
static int
document_open(const char *file, struct stat *st)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
	    st->st_size <= DOCUMENT_MAX)
		return fd;
	log_error("openapi", "%s cannot be read: %s", file,
	    fd < 0 ? strerror(errno) : "not a regular file, or too large");
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Appends a complete file to `to`. Returns false on a read error. */
static bool
document_read(int fd, struct buf *to)
{
	ssize_t n;

	for (;;) {
		if (!buf_reserve(to, 64 * 1024))
			return false;
		n = read(fd, to->data + to->len, 64 * 1024);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		to->len += (size_t)n;
		to->data[to->len] = '\0';
	}
	return n == 0 && to->len > 0;
}

/*
 * Writes the document to `out` with base_url as its server. Returns false if
 * the document has no server.
 */
static bool
document_write(const struct buf *document, const char *base_url,
    struct buf *out)
{
	char *begin = strstr(document->data, SERVER_BEGIN "\""), *end;
	struct json_write j;

	if (begin == NULL)
		return false;
	begin += strlen(SERVER_BEGIN);
	end = strchr(begin + 1, '"');
	if (end == NULL)
		return false;
	buf_add(out, document->data, (size_t)(begin - document->data));
	json_write_init(&j, out);
	json_write_str(&j, NULL, base_url);
	buf_str(out, end + 1);
	return true;
}

static enum rc
document_get(struct req *req)
{
	const char *file = req->conf->openapi_file;
	const char *base_url = req->conf->base_url;
	struct buf document;
	struct stat st;
	enum rc rc;
	int fd;

	fd = document_open(file, &st);
	if (fd < 0)
		return err_set(&req->err, RC_FAULT, NULL, NULL);
	rc = req_etag(req, 5, (int64_t)st.st_ino, (int64_t)st.st_size,
	    (int64_t)st.st_mtim.tv_sec, (int64_t)st.st_mtim.tv_nsec,
	    (int64_t)hash_fast(HASH_FAST_SEED, base_url, strlen(base_url)));
	buf_init(&document, DOCUMENT_MAX + 64 * 1024);
	if (rc == RC_OK && (!document_read(fd, &document) ||
	    !document_write(&document, base_url, req->out))) {
		log_error("openapi", "%s is incomplete, or memory is exhausted",
		    file);
		rc = err_set(&req->err, RC_FAULT, NULL, NULL);
	}
	buf_free(&document);
	close(fd);
	req->cache_seconds = 300;
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/openapi.json", .prefix = PREFIX_NONE,
	    .role = ROLE_OPEN, .tx = TX_NONE, .handler = document_get },
};

const struct route_table openapi_routes = ROUTE_TABLE(routes);
