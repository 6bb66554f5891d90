/*
 * standby_follow: keeps the database of a standby up to date with the archive.
 */
#ifndef CMD_EARMARK_STANDBY_FOLLOW_H
#define CMD_EARMARK_STANDBY_FOLLOW_H

#include "cmd/earmark/cli.h"
#include "cmd/earmark/standby.h"

/*
 * Follows the archive until the process is ended or the archive has another
 * history. Continues from the stored position, if there is one. All other
 * programs must be stopped. over: forgets an earlier position. Returns an exit
 * status.
 */
int	standby_follow(struct cli *, const struct hash *key, const char *dir,
	    const char *fetch, bool over);
/*
 * Applies what the archive has now. Returns RC_BAD with "archive_missing" if a
 * segment is missing.
 */
enum rc	standby_follow_rest(struct standby *);
/* Gets the media files that the database names. Logs a failure. */
void	standby_follow_media(struct standby *);

#endif
