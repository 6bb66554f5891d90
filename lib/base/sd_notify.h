/*
 * sd_notify: say to whoever started this program that it serves (sd_notify(3)).
 */
#ifndef BASE_SD_NOTIFY_H
#define BASE_SD_NOTIFY_H

/* Once; without $NOTIFY_SOCKET nothing happens. */
void	sd_notify_send(void);

#endif
