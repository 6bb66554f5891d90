/*
 * mux: libfcgi with many connections in one process, the minimum cost of an
 * event loop. Each connection has an FCGX_Request. FCGX_Accept_r() is called
 * only for a connection with input, so it never blocks.
 *
 *	mux SOCKET PROCESSES BACKLOG
 */
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNS	65536
#define EVENTS	64

static const char body[] =
    "Content-Type: application/json\r\n\r\n{\"ok\":true,\"msg\":\"hello\"}";
static FCGX_Request *held[CONNS];

static void
drop(FCGX_Request *r, int fd)
{
	if (fd >= 0)
		held[fd] = NULL;
	FCGX_Free(r, 1);
	free(r);
}

/* Serves one request of this connection or of a new one. */
static void
answer(int ep, int sock, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	FCGX_Request *r = fd == sock ? malloc(sizeof(*r)) : held[fd];

	if (r == NULL)
		return;
	if (fd == sock)
		FCGX_InitRequest(r, sock, FCGI_FAIL_ACCEPT_ON_INTR);
	if (FCGX_Accept_r(r) < 0) {
		drop(r, fd == sock ? -1 : fd);
		return;
	}
	if (fd == sock) {
		fd = r->ipcFd;
		held[fd] = r;
		/*
		 * At the end of the file, libfcgi must fail instead of calling
		 * accept().
		 */
		r->listen_sock = -1;
		ev.data.fd = fd;
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	}
	FCGX_PutStr(body, (int)sizeof(body) - 1, r->out);
	FCGX_Finish_r(r);
	if (r->ipcFd < 0)
		drop(r, fd);
}

static void
loop(int sock)
{
	struct epoll_event got[EVENTS], ev = {
		.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = sock
	};
	int ep = epoll_create1(0), i, n;

	epoll_ctl(ep, EPOLL_CTL_ADD, sock, &ev);
	for (;;) {
		n = epoll_wait(ep, got, EVENTS, -1);
		for (i = 0; i < n; i++)
			answer(ep, sock, got[i].data.fd);
	}
}

int
main(int argc, char **argv)
{
	int sock, i, n;

	if (argc != 4)
		return 2;
	n = (int)strtol(argv[2], NULL, 10);
	unlink(argv[1]);
	sock = FCGX_OpenSocket(argv[1], (int)strtol(argv[3], NULL, 10));
	if (sock < 0 || fcntl(sock, F_SETFL, O_NONBLOCK) != 0 ||
	    chmod(argv[1], 0666) != 0)
		return 1;
	for (i = 0; i < n; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			FCGX_Init();
			loop(sock);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
