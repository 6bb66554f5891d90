#include "crypto/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#define FILE_BYTES	2048

static char reason[1500];

bool
secret_file_wrong(const char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	*why = reason;
	return false;
}

bool
secret_file_text(const char *key, const char *file, char *text, size_t size,
    const char **why)
{
	struct stat st;
	ssize_t n;
	int fd;

	if (file[0] == '\0')
		return secret_file_wrong(why, "%s must be set to a file", key);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		secret_file_wrong(why, "%s: %s: %s", key, file,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	n = read(fd, text, size - 1);
	close(fd);
	if (st.st_mode & 07)
		return secret_file_wrong(why, "%s: %s is accessible by other "
		    "users: run chmod o-rwx", key, file);
	if (n < 0 || n == (ssize_t)size - 1 ||
	    memchr(text, '\0', (size_t)n) != NULL)
		return secret_file_wrong(why,
		    "%s: %s is binary or too large", key, file);
	text[n] = '\0';
	return true;
}

bool
secret_file_lines(const char *key, const char *file,
    char (*out)[SECRET_FILE_BYTES], size_t max, size_t *count,
    const char **why)
{
	char text[FILE_BYTES], *line, *rest = text;
	bool ok = secret_file_text(key, file, text, sizeof(text), why);
	size_t n = 0, len;

	while (ok && (line = strsep(&rest, "\n")) != NULL) {
		len = strlen(line);
		while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
			line[--len] = '\0';
		if (len == 0)
			continue;
		if (n == max)
			ok = secret_file_wrong(why, "%s: %s has more than %zu "
			    "line%s", key, file, max, max == 1 ? "" : "s");
		else if (len >= SECRET_FILE_BYTES ||
		    strpbrk(line, " \t") != NULL)
			ok = secret_file_wrong(why,
			    "%s: %s has an invalid line", key,
			    file);
		else
			memcpy(out[n++], line, len + 1);
	}
	explicit_bzero(text, sizeof(text));
	if (ok && n == 0)
		ok = secret_file_wrong(why, "%s: %s is empty", key, file);
	*count = n;
	return ok;
}
