#include "cmd/jobs/message_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_sync.h"
#include "base/str.h"
#include "base/write_all.h"
#include "json/json_write.h"

#define BATCH_BYTES (32 << 20)

static void
write_line(struct buf *out, int channel, const struct delivery *d, int64_t now)
{
	char user[32];
	struct json_write j;

	json_write_init(&j, out);
	json_write_obj(&j, NULL);
	json_write_time(&j, "at", now);
	json_write_str(&j, "channel", delivery_channel(channel));
	snprintf(user, sizeof(user), "user:%" PRId64, d->user);
	json_write_str(&j, "to", d->recipient == NULL ? user : d->recipient);
	json_write_str(&j, "template", d->template);
	if (d->code != NULL)
		json_write_str(&j, "code", d->code);
	if (d->title != NULL)
		json_write_str(&j, "title", d->title);
	if (d->body != NULL)
		json_write_str(&j, "body", d->body);
	if (d->data != NULL)
		json_write_raw(&j, "data", d->data);
	json_write_obj_end(&j);
	buf_ch(out, '\n');
}

/* Removes an incomplete last line, which a killed process may have left. */
static bool
remove_partial(int fd)
{
	struct stat st;
	off_t at;
	char c;

	if (fstat(fd, &st) != 0)
		return false;
	for (at = st.st_size; at > 0; at--) {
		if (pread(fd, &c, 1, at - 1) != 1)
			return false;
		if (c == '\n')
			break;
	}
	return at == st.st_size || ftruncate(fd, at) == 0;
}

/* Appends all bytes or none: truncates the file if a write fails. */
static bool
append(int fd, const char *p, size_t n)
{
	off_t end = lseek(fd, 0, SEEK_END);
	int error;

	if (write_all(fd, p, n) && fsync(fd) == 0)
		return true;
	error = errno;
	(void)!ftruncate(fd, end);
	errno = error;
	return false;
}

bool
message_file_write(const char *file, int channel,
    const struct delivery *const *list, size_t n, int64_t now,
    const char **why)
{
	struct buf out;
	size_t i;
	bool ok;
	int fd;

	fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		*why = strerror(errno);
		return false;
	}
	buf_init(&out, BATCH_BYTES);
	for (i = 0; i < n; i++)
		write_line(&out, channel, list[i], now);
	while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
		;
	errno = EMSGSIZE;
	/* The name of a new file must be durable too. */
	ok = !out.full && remove_partial(fd) &&
	    (lseek(fd, 0, SEEK_END) > 0 || file_sync_parent(file)) &&
	    append(fd, out.data, out.len);
	*why = ok ? NULL : strerror(errno);
	close(fd);
	buf_free(&out);
	return ok;
}
