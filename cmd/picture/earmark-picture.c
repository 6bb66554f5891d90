/*
 * earmark-picture: decodes an uploaded picture and encodes it again, without
 * any permission. See base/image_decoder.h, which starts it.
 *
 * It gets the descriptors of enum image_decoder_fd, and syncs what it writes.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/image_type.h"
#include "base/str.h"
#include "base/write_all.h"
#include "cmd/picture/picture.h"
#include "cmd/picture/sandbox.h"

_Noreturn void
picture_fail(enum image_decoder_exit status)
{
	_exit((int)status);
}

/* The picture begins at the position of the file, after other bytes. */
static bool
map_input(struct picture_bytes *in)
{
	off_t begin = lseek(IMAGE_DECODER_FD_INPUT, 0, SEEK_CUR);
	struct stat st;
	uint8_t *p;

	if (fstat(IMAGE_DECODER_FD_INPUT, &st) != 0 || !S_ISREG(st.st_mode) ||
	    begin < 0 || st.st_size <= begin)
		return false;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
	    IMAGE_DECODER_FD_INPUT, 0);
	if (p == MAP_FAILED)
		return false;
	*in = (struct picture_bytes){ p + begin, (size_t)(st.st_size - begin) };
	return true;
}

_Noreturn static void
storage_fail(void)
{
	picture_fail(rc_errno(errno, RC_FAULT) == RC_FULL ? IMAGE_DECODER_FULL :
	    IMAGE_DECODER_SETUP);
}

static void
sync_file(int fd)
{
	if (fsync(fd) != 0)
		storage_fail();
}

static void
write_file(int fd, struct picture_bytes bytes)
{
	if (!write_all(fd, bytes.p, bytes.n))
		storage_fail();
	sync_file(fd);
}

int
main(void)
{
	struct picture_bytes in, full, thumb;
	const char *type;

	/* Other work of the machine has priority. Some systems forbid this. */
	(void)setpriority(PRIO_PROCESS, 0, 10);
	if (!map_input(&in))
		return IMAGE_DECODER_SETUP;
	picture_color_init();
	if (!sandbox_enter())
		return IMAGE_DECODER_SETUP;
	type = image_type(in.p, in.n);
	if (type == NULL)
		picture_fail(IMAGE_DECODER_INVALID);
	picture_encode(type, in, &full, &thumb);
	write_file(IMAGE_DECODER_FD_FULL, full);
	write_file(IMAGE_DECODER_FD_THUMB, thumb);
	sync_file(IMAGE_DECODER_FD_FOLDER);
	_exit(IMAGE_DECODER_DONE);
}
