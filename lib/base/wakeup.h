/*
 * wakeup: notifies another program of the installation that it has new rows to
 * process.
 *
 * Sends a datagram to the socket of the program in run_dir. Its byte has the bits
 * for earmark-jobs; an empty one is for all processes. If a datagram is
 * lost, the program finds the rows within a second, because it also polls.
 */
#ifndef BASE_WAKEUP_H
#define BASE_WAKEUP_H

/* Programs that can be notified, as bits. */
#define WAKEUP_JOBS	01u		/* all processes of earmark-jobs */
#define WAKEUP_REALTIME	02u		/* earmark-realtime: events */
/* The processes of earmark-jobs that send the messages of a channel (1 to 3). */
#define WAKEUP_CHANNEL(channel)	(WAKEUP_REALTIME << (channel))

/* Initializes the addresses, once per process. */
void	wakeup_init(const char *run_dir);
/*
 * Notifies the programs whose bits are set. Does nothing without wakeup_init().
 */
void	wakeup_send(unsigned who);

#endif
