/*
 * media_devices: opens the microphone and the camera of this device.
 */
import { toast } from '/lib/dom.js';

const AUDIO = { echoCancellation: true, noiseSuppression: true };
/* Enough for a window of a phone; more would need a faster network. */
const VIDEO = {
	facingMode: 'user',
	width: { ideal: 960 },
	height: { ideal: 540 },
	frameRate: { max: 30 },
};

/* Returns why getUserMedia() could not open a device. */
function reason(device, e) {
	if (e.name === 'NotFoundError' || e.name === 'OverconstrainedError')
		return `No ${device} was found.`;
	if (e.name === 'NotReadableError')
		return `The ${device} cannot be opened. Close other programs that use it.`;
	return `The ${device} is blocked. Allow it in your browser and try again.`;
}

/* Calls lost(track) when the camera is unplugged or the browser takes it away. */
function watch(stream, lost) {
	for (const track of stream.getVideoTracks()) track.onended = () => lost(track);
	return stream;
}

/*
 * Opens the microphone and, if camera is true, the camera. Returns {stream,
 * camera, cameraNotice}: the MediaStream, whether it has a picture, and why not
 * ('' if no camera was wanted). Without a microphone, shows the reason and
 * returns null. lost: see watch().
 */
export async function openDevices(camera, lost) {
	let failed = null;

	if (!navigator.mediaDevices) {
		toast('The microphone is not available over http. Open this page with https.');
		return null;
	}
	if (camera)
		try {
			const stream = await navigator.mediaDevices.getUserMedia({
				audio: AUDIO,
				video: VIDEO,
			});
			return { stream: watch(stream, lost), camera: true, cameraNotice: '' };
		} catch (e) {
			failed = e;
		}
	try {
		const stream = await navigator.mediaDevices.getUserMedia({ audio: AUDIO });
		return {
			stream,
			camera: false,
			cameraNotice:
				failed === null
					? ''
					: `${reason('camera', failed)} You are heard, but not seen.`,
		};
	} catch (e) {
		toast(reason('microphone', e));
		return null;
	}
}

/*
 * Opens the camera. Returns {track} or, if that fails, {cameraNotice}: why. lost:
 * see watch().
 */
export async function openCamera(lost) {
	try {
		const stream = await navigator.mediaDevices.getUserMedia({ video: VIDEO });
		return { track: watch(stream, lost).getVideoTracks()[0] };
	} catch (e) {
		return { cameraNotice: reason('camera', e) };
	}
}

/* Closes the devices of a MediaStream. */
export function release(stream) {
	stream?.getTracks().forEach((t) => t.stop());
}
