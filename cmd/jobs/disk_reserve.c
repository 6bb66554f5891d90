#include "cmd/jobs/disk_reserve.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define BYTES	(INT64_C(16) << 20)
#define PLENTY	(4 * BYTES)	/* free space needed to create it */
#define NOTHING	(INT64_C(1) << 20)	/* free space that counts as full */

static void
disk_reserve_name(const struct conf *conf, char *out, size_t size)
{
	snprintf(out, size, "%s-reserve", conf->db_file);
}

/*
 * Returns the free bytes on the disk of the database, or INT64_MAX if unknown.
 */
static int64_t
free_bytes(const struct conf *conf)
{
	struct statvfs fs;

	if (statvfs(conf->db_file, &fs) != 0)
		return INT64_MAX;
	return (int64_t)(fs.f_bavail * fs.f_frsize);
}

bool
disk_reserve_needed(const struct conf *conf)
{
	return free_bytes(conf) < NOTHING;
}

void
disk_reserve_keep(const struct conf *conf)
{
	struct stat st;
	char path[4096], earlier[4096];
	int fd;

	disk_reserve_name(conf, path, sizeof(path));
	/* The file had another name before. */
	snprintf(earlier, sizeof(earlier), "%s-ballast", conf->db_file);
	if (rename(earlier, path) == 0)
		return;
	if (stat(path, &st) == 0 || free_bytes(conf) < PLENTY)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, BYTES) != 0)
		unlink(path);
	close(fd);
}

bool
disk_reserve_drop(const struct conf *conf)
{
	char path[4096];

	disk_reserve_name(conf, path, sizeof(path));
	if (unlink(path) != 0)
		return false;
	log_error("disk_reserve", "the disk is full: %s was deleted, free "
	    "some space", path);
	return true;
}
