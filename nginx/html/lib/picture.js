/*
 * picture: pictures of flyers, destinations and works of the studio.
 */
import { h, icon } from './dom.js';

/* Returns the URL as an object, or null if it is absent or not of the web. */
function webUrl(text) {
	const url = URL.canParse(text ?? '') ? new URL(text) : null;

	return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

/*
 * Returns a link that opens a page of another server in a new tab, or null if
 * there is no URL. A live call is in this tab.
 */
export function outsideLink(text, label, target) {
	const url = webUrl(target);

	return (
		url &&
		h(
			'a',
			{
				class: 'outside',
				href: url.href,
				target: '_blank',
				rel: 'noreferrer noopener',
				'aria-label': label,
			},
			text,
		)
	);
}

/*
 * Returns a picture, or null if there is none. url: its URL; thumb: that of the
 * thumbnail with 256 pixels, or null if it was not uploaded; name: what it
 * shows; sizes: its width, for the choice of the file.
 *
 * The policy of the pages permits images of their own host only, which the URL
 * of the API may name differently. A picture of another server is not
 * requested, so that server does not learn who looks at it. Its host and a link
 * are shown instead.
 */
export function picture({ url, thumb, name, sizes }) {
	const at = webUrl(url);

	if (at === null) return null;
	if (!thumb && at.host !== location.host)
		return h(
			'p',
			{ class: 'elsewhere' },
			icon('image'),
			h('span', null, `Picture on ${at.host}`),
			outsideLink('Open the picture', `Open the picture of ${name}`, url),
		);
	const img = h('img', {
		alt: `Picture of ${name}`,
		loading: 'lazy',
		src: at.pathname + at.search,
		srcset: thumb && `${new URL(thumb).pathname} 256w, ${at.pathname} 1024w`,
		sizes: thumb && sizes,
	});

	img.addEventListener('error', () => img.remove());
	return img;
}
