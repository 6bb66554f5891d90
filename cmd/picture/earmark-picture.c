/*
 * earmark-picture: decodes an uploaded picture and encodes it again, without
 * any permission. See base/image_decoder.h, which starts it.
 *
 * Descriptor 0 is a file with the picture, descriptor 1 one for the result.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/image_type.h"
#include "base/str.h"
#include "cmd/picture/picture.h"
#include "cmd/picture/sandbox.h"

_Noreturn void
picture_fail(enum image_decoder_exit status)
{
	_exit((int)status);
}

static bool
map_input(struct picture_bytes *in)
{
	struct stat st;
	void *p;

	if (fstat(0, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return false;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
	if (p == MAP_FAILED)
		return false;
	*in = (struct picture_bytes){ p, (size_t)st.st_size };
	return true;
}

static void
write_all(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	ssize_t wrote;

	while (n > 0) {
		wrote = write(1, p, n);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			picture_fail(IMAGE_DECODER_MEMORY);
		p += wrote;
		n -= (size_t)wrote;
	}
}

int
main(void)
{
	struct picture_bytes in, full, thumb;
	struct image_decoder_head head;
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
	head = (struct image_decoder_head){ full.n, thumb.n };
	write_all(&head, sizeof(head));
	write_all(full.p, full.n);
	write_all(thumb.p, thumb.n);
	_exit(IMAGE_DECODER_DONE);
}
