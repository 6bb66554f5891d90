/* json_status: writes a status tree (base/status_tree.h) as a JSON object. */
#ifndef JSON_JSON_STATUS_H
#define JSON_JSON_STATUS_H

#include "base/status_tree.h"
#include "json/json_write.h"

void	json_status_write(struct json_write *, const struct status_tree *);

#endif
