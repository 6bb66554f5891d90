/*
 * sd_notify: notifies the service manager that this program is ready
 * (sd_notify(3)).
 */
#ifndef BASE_SD_NOTIFY_H
#define BASE_SD_NOTIFY_H

/* Call it once. Does nothing without $NOTIFY_SOCKET. */
void	sd_notify_send(void);

#endif
