#include "fcgi/core/body_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/temp_file.h"
#include "base/write_all.h"

static size_t total;			/* bytes of all files */

static void
fail_body(struct body_file *f, enum rc rc)
{
	body_file_close(f);
	f->rc = rc;
}

/* Ends a file after a call has set errno. */
static void
fail_call(struct body_file *f, const char *what)
{
	enum rc rc = rc_errno(errno, RC_FAULT);

	log_error("body", "%s: %s", what, strerror(errno));
	fail_body(f, rc);
}

void
body_file_open(struct body_file *f, const char *dir)
{
	int fd = temp_file_open(dir);

	*f = (struct body_file){ .rc = RC_OK };
	if (fd < 0)
		fail_call(f, "open");
	else
		f->fd = fd;
}

void
body_file_add(struct body_file *f, const uint8_t *p, size_t n)
{
	if (f->fd != 0 && n > BODY_FILE_TOTAL - total)
		fail_body(f, RC_BUSY);
	if (f->fd == 0)
		return;
	if (!write_all(f->fd, p, n)) {
		fail_call(f, "write");
		return;
	}
	f->len += n;
	total += n;
}

void
body_file_close(struct body_file *f)
{
	if (f->fd != 0)
		close(f->fd);
	total -= f->len;
	*f = (struct body_file){ .rc = RC_OK };
}
