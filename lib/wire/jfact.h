/*
 * jfact: facts (base/fact.h) as one JSON object.
 */
#ifndef WIRE_JFACT_H
#define WIRE_JFACT_H

#include "base/fact.h"
#include "wire/jout.h"

void	jout_facts(struct jout *, const struct facts *);

#endif
