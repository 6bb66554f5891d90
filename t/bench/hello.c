/*
 * hello: a minimal libfcgi responder with which the pools are compared. N
 * blocking processes share one listening socket. Each handles one request at a
 * time.
 *
 *	hello SOCKET PROCESSES BACKLOG
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char body[] =
    "Content-Type: application/json\r\n\r\n{\"ok\":true,\"msg\":\"hello\"}";

static void
serve(int sock)
{
	FCGX_Request r;

	FCGX_InitRequest(&r, sock, 0);
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_PutStr(body, (int)sizeof(body) - 1, r.out);
		FCGX_Finish_r(&r);
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
	if (sock < 0 || chmod(argv[1], 0666) != 0)
		return 1;
	for (i = 0; i < n; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			FCGX_Init();
			serve(sock);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
