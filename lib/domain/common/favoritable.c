#include "domain/common/favoritable.h"

const char *const favorite_kind_names[] = {
	"listener", "flyer", "destination", "style", "creative", "document",
	NULL
};

