#include "base/wakeup.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

static const char *const names[] = { "jobs", "realtime" };

static int fd = -1;
static struct sockaddr_un at[NELEM(names)];

void
wakeup_init(const char *run_dir)
{
	size_t i;
	int n;

	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		BUG("no socket: %s", strerror(errno));
	for (i = 0; i < NELEM(names); i++) {
		at[i].sun_family = AF_UNIX;
		n = snprintf(at[i].sun_path, sizeof(at[i].sun_path),
		    "%s/%s.sock", run_dir, names[i]);
		if (n < 0 || (size_t)n >= sizeof(at[i].sun_path))
			at[i].sun_path[0] = '\0';
	}
}

void
wakeup_send(unsigned who)
{
	const unsigned of[] = { who & ~WAKEUP_REALTIME, who & WAKEUP_REALTIME };
	unsigned char byte;
	size_t i;

	for (i = 0; i < NELEM(names) && fd >= 0; i++) {
		if (of[i] == 0 || at[i].sun_path[0] == '\0')
			continue;
		byte = (unsigned char)of[i];
		/*
		 * The program does not run, or its queue is full and it is
		 * awake anyway.
		 */
		if (sendto(fd, &byte, 1, MSG_DONTWAIT, (struct sockaddr *)&at[i],
		    sizeof(at[i])) < 0 && errno != ENOENT &&
		    errno != ECONNREFUSED && errno != EAGAIN)
			log_warn("wakeup", "%s: %s", names[i], strerror(errno));
	}
}
