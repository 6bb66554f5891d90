#include <lcms2.h>

#include "cmd/picture/picture.h"

#define PROFILE_MAX (4u << 20)		/* bytes of a color profile */

static cmsHPROFILE srgb;

void
picture_color_init(void)
{
	/* Reads the time zone database, because a profile has a date. */
	srgb = cmsCreate_sRGBProfile();
	if (srgb == NULL)
		picture_fail(IMAGE_DECODER_MEMORY);
}

/*
 * A picture with an invalid profile is shown as it is, as browsers do. The
 * opacity is not changed.
 */
void
picture_to_srgb(struct picture *p, struct picture_bytes icc)
{
	cmsHTRANSFORM t = NULL;
	cmsHPROFILE from;

	if (icc.n == 0 || icc.n > PROFILE_MAX)
		return;
	from = cmsOpenProfileFromMem(icc.p, (cmsUInt32Number)icc.n);
	if (from == NULL)
		return;
	if (cmsGetColorSpace(from) == cmsSigRgbData)
		t = cmsCreateTransform(from, TYPE_RGBA_8, srgb, TYPE_RGBA_8,
		    INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_COPY_ALPHA |
		    cmsFLAGS_BLACKPOINTCOMPENSATION);
	if (t != NULL) {
		cmsDoTransform(t, p->rgba, p->rgba, p->width * p->height);
		cmsDeleteTransform(t);
	}
	cmsCloseProfile(from);
}
