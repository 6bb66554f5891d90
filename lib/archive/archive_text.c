#include "archive/archive_text.h"

#include <string.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "archive/archive_store.h"

enum rc
archive_text_put(const struct conf *conf, const struct hash *key,
    const char *part, const char *name, const char *lines, const char *body,
    struct err *err)
{
	struct archive_writer *w = archive_file_create(part, lines, key, err);
	enum rc rc;

	if (w == NULL)
		return err->rc;
	rc = archive_file_add(w, body, strlen(body), err);
	if (rc == RC_OK)
		rc = archive_file_end(w, true, err);
	else
		(void)archive_file_end(w, false, err);
	if (rc == RC_OK)
		rc = archive_store_put(conf, part, name, err);
	(void)unlink(part);
	return rc;
}
