/*
 * Runs the libraries of the vendors, unchanged, with the doubles and with
 * webhooks of Earmark, for t/money/91-providers-sdk.t.
 *
 * usage: node sdk.js STRIPE-PORT RAZORPAY-PORT CASE [ARGUMENT...]
 */
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const Stripe = require('stripe');
const Razorpay = require('razorpay');

const [stripePort, razorpayPort, name, ...given] = process.argv.slice(2);
const STRIPE_HOOK = 'whsec_double',
	RAZORPAY_HOOK = 'whsec_double';

function stripe(key = 'sk_test_double', retries = 0, timeout = 20000) {
	return new Stripe(key, {
		host: '127.0.0.1',
		port: stripePort,
		protocol: 'http',
		maxNetworkRetries: retries,
		telemetry: false,
		timeout,
	});
}

function razorpay(secret = 'secret_double') {
	const r = new Razorpay({ key_id: 'rzp_test_double', key_secret: secret });
	r.api.rq.defaults.baseURL = `http://127.0.0.1:${razorpayPort}`;
	r.api.rq.defaults.timeout = 20000;
	return r;
}

async function tell(port, verb, body, method = 'POST') {
	const answer = await fetch(`http://127.0.0.1:${port}/_/${verb}`, {
		method,
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return answer.json();
}

const tellStripe = (...a) => tell(stripePort, ...a);
const tellRazorpay = (...a) => tell(razorpayPort, ...a);

/* Checks that a promise is rejected with this error. */
async function refused(promise, want) {
	let error;
	try {
		await promise;
	} catch (e) {
		error = e;
	}
	assert.ok(error, 'it was not refused');
	for (const [key, value] of Object.entries(want)) {
		const got = key.split('.').reduce((o, k) => o?.[k], error);
		assert.equal(got, value, `${key}: ${got}`);
	}
	return error;
}

const intent = {
	amount: 49900,
	currency: 'inr',
	automatic_payment_methods: { enabled: true },
	metadata: { earmark_payment: '42', name: 'Zoë & Söhne [1]=100%' },
};

async function stripePaid() {
	const s = stripe();
	const made = await s.paymentIntents.create(intent);
	await s.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' });
	return s.paymentIntents.retrieve(made.id);
}

async function razorpayPaid() {
	const order = await razorpay().orders.create({
		amount: 49900,
		currency: 'INR',
		receipt: crypto.randomUUID(),
	});
	return { order, ...(await tellRazorpay('pay', { ref: order.id })) };
}

const cases = {
	async stripe_intents() {
		const s = stripe();
		const made = await s.paymentIntents.create(intent);
		assert.match(made.id, /^pi_/);
		assert.equal(made.object, 'payment_intent');
		assert.equal(made.status, 'requires_payment_method');
		assert.match(made.client_secret, new RegExp(`^${made.id}_secret_`));
		assert.deepEqual({ ...made.metadata }, intent.metadata);
		assert.equal(
			made.lastResponse.headers['stripe-version'],
			Stripe.API_VERSION ?? made.lastResponse.apiVersion,
		);
		const got = await s.paymentIntents.retrieve(made.id);
		assert.equal(got.amount, 49900);
		const paid = await s.paymentIntents.confirm(made.id, {
			payment_method: 'pm_card_visa',
		});
		assert.equal(paid.status, 'succeeded');
		assert.equal(paid.amount_received, 49900);
		const charge = await s.charges.retrieve(paid.latest_charge);
		assert.equal(charge.payment_intent, made.id);
		const other = await s.paymentIntents.create(intent);
		const ended = await s.paymentIntents.cancel(other.id);
		assert.equal(ended.status, 'canceled');
	},

	async stripe_errors() {
		const s = stripe(),
			create = (more) => s.paymentIntents.create({ ...intent, ...more });
		const bad = 'StripeInvalidRequestError';
		await refused(create({ amount: 1 }), {
			type: bad,
			code: 'amount_too_small',
			param: 'amount',
			statusCode: 400,
		});
		await refused(create({ amount: 1e9 }), { type: bad, code: 'amount_too_large' });
		await refused(create({ amount: 499.5 }), {
			type: bad,
			code: 'parameter_invalid_integer',
		});
		await refused(create({ currency: 'xxx' }), { type: bad, param: 'currency' });
		await refused(create({ currency: 'kwd', amount: 5001 }), {
			type: bad,
			param: 'amount',
		});
		await refused(create({ colour: 'red' }), {
			type: bad,
			code: 'parameter_unknown',
			param: 'colour',
		});
		await refused(create({ metadata: { a: 'x'.repeat(501) } }), { type: bad });
		await refused(create({ metadata: { ['k'.repeat(41)]: 'x' } }), { type: bad });
		await refused(s.paymentIntents.create({ currency: 'inr' }), {
			type: bad,
			code: 'parameter_missing',
			param: 'amount',
		});
		await refused(s.paymentIntents.retrieve('pi_none'), {
			type: bad,
			code: 'resource_missing',
			statusCode: 404,
		});
		await refused(stripe('sk_test_other').paymentIntents.retrieve('pi_none'), {
			type: 'StripeAuthenticationError',
			statusCode: 401,
		});
		const made = await create({});
		const declined = await refused(
			s.paymentIntents.confirm(made.id, {
				payment_method: 'pm_card_chargeDeclined',
			}),
			{
				type: 'StripeCardError',
				code: 'card_declined',
				decline_code: 'generic_decline',
				statusCode: 402,
			},
		);
		assert.equal(declined.payment_intent.id, made.id);
		await refused(s.customers.create({ name: 'x' }), { type: bad, statusCode: 404 });
	},

	async stripe_once() {
		const s = stripe(),
			idempotencyKey = crypto.randomUUID();
		const first = await s.paymentIntents.create(intent, { idempotencyKey });
		const again = await s.paymentIntents.create(intent, { idempotencyKey });
		assert.equal(again.id, first.id);
		assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
		await refused(
			s.paymentIntents.create({ ...intent, amount: 50000 }, { idempotencyKey }),
			{ type: 'StripeIdempotencyError', statusCode: 400 },
		);
		const other = await s.paymentIntents.create(intent);
		assert.notEqual(other.id, first.id);
		/* A request that was not valid does not use up the key. */
		const key = crypto.randomUUID();
		await refused(
			s.paymentIntents.create({ ...intent, amount: 1 }, { idempotencyKey: key }),
			{ code: 'amount_too_small' },
		);
		await s.paymentIntents.create(intent, { idempotencyKey: key });
	},

	/* The library retries with the same key. */
	async stripe_retries() {
		const s = stripe('sk_test_double', 2);
		for (const fault of [
			{ what: 'status', status: 503 },
			{ what: 'lose' },
			{ what: 'drop' },
		]) {
			const before = (await tellStripe('state', undefined, 'GET')).intents;
			await tellStripe('fault', {
				...fault,
				method: 'POST',
				path: '/v1/payment_intents',
				times: 1,
			});
			const made = await s.paymentIntents.create(intent);
			const after = (await tellStripe('state', undefined, 'GET')).intents;
			assert.ok(after[made.id]);
			assert.equal(Object.keys(after).length, Object.keys(before).length + 1);
		}
		await tellStripe('fault', { what: 'status', status: 429 });
		await refused(stripe().paymentIntents.retrieve('pi_x'), {
			type: 'StripeRateLimitError',
			statusCode: 429,
		});
		await tellStripe('fault', { what: 'hang', seconds: 9 });
		await refused(stripe('sk_test_double', 0, 500).paymentIntents.retrieve('pi_x'), {
			type: 'StripeConnectionError',
		});
	},

	async stripe_refunds() {
		const s = stripe(),
			paid = await stripePaid();
		const part = await s.refunds.create({
			payment_intent: paid.id,
			amount: 9900,
			metadata: { earmark_return: '3' },
		});
		assert.equal(part.status, 'succeeded');
		assert.equal(part.charge, paid.latest_charge);
		await refused(s.refunds.create({ payment_intent: paid.id, amount: 49900 }), {
			type: 'StripeInvalidRequestError',
		});
		const rest = await s.refunds.create({
			charge: paid.latest_charge,
		});
		assert.equal(rest.amount, 40000);
		await refused(s.refunds.create({ payment_intent: paid.id }), {
			code: 'charge_already_refunded',
		});
		const list = await s.refunds.list({ payment_intent: paid.id });
		assert.deepEqual(
			list.data.map((r) => r.id),
			[rest.id, part.id],
		);
		assert.equal((await s.refunds.retrieve(part.id)).metadata.earmark_return, '3');
		const open = await s.paymentIntents.create(intent);
		await refused(s.refunds.create({ payment_intent: open.id }), {
			type: 'StripeInvalidRequestError',
		});
	},

	/* The library accepts the webhooks of the double. */
	async stripe_hooks() {
		const paid = await stripePaid();
		await tellStripe('dispute', { ref: paid.id });
		const { events } = await tellStripe('events', undefined, 'GET');
		assert.ok(events.length >= 3);
		for (const e of events) {
			const sign = e.headers['Stripe-Signature'];
			const got = stripe().webhooks.constructEvent(e.body, sign, STRIPE_HOOK);
			assert.equal(got.id, e.id);
			assert.equal(got.type, e.type);
			assert.throws(() =>
				stripe().webhooks.constructEvent(e.body + ' ', sign, STRIPE_HOOK),
			);
			assert.throws(() =>
				stripe().webhooks.constructEvent(e.body, sign, 'whsec_other'),
			);
			assert.deepEqual(
				(await stripe().events.retrieve(e.id)).data.object.id,
				got.data.object.id,
			);
		}
	},

	/* A file that t/tools/provider wrote: the body, then headers. */
	async stripe_ours() {
		const [file, type] = given;
		const [body, header] = fs.readFileSync(file, 'utf8').split('\n');
		const sign = header.replace(/^Stripe-Signature: /, '');
		const event = stripe().webhooks.constructEvent(body, sign, STRIPE_HOOK);
		assert.equal(event.type, type);
		assert.equal(event.id, 'evt_ours');
		assert.equal(event.data.object.amount, 49900);
		assert.throws(() =>
			stripe().webhooks.constructEvent(body + ' ', sign, STRIPE_HOOK),
		);
	},

	async razorpay_orders() {
		const r = razorpay(),
			receipt = crypto.randomUUID();
		const order = await r.orders.create({
			amount: 49900,
			currency: 'INR',
			receipt,
			notes: { earmark_payment: '42', name: 'Zoë' },
		});
		assert.match(order.id, /^order_/);
		assert.equal(order.status, 'created');
		assert.equal(order.amount_due, 49900);
		assert.deepEqual(order.notes, { earmark_payment: '42', name: 'Zoë' });
		assert.equal((await r.orders.fetch(order.id)).receipt, receipt);
		const list = await r.orders.all({ receipt });
		assert.equal(list.count, 1);
		assert.equal(list.items[0].id, order.id);
		const bare = await r.orders.create({ amount: 100 });
		assert.deepEqual(bare.notes, []);
		await tellRazorpay('fail', { ref: order.id });
		const paid = await tellRazorpay('pay', { ref: order.id });
		const tries = await r.orders.fetchPayments(order.id);
		assert.deepEqual(
			tries.items.map((p) => p.status),
			['captured', 'failed'],
		);
		assert.equal((await r.payments.fetch(paid.payment)).order_id, order.id);
		assert.equal((await r.orders.fetch(order.id)).status, 'paid');
	},

	async razorpay_errors() {
		const r = razorpay(),
			good = { amount: 49900, currency: 'INR' };
		const bad = { statusCode: 400, 'error.code': 'BAD_REQUEST_ERROR' };
		const create = (more) => r.orders.create({ ...good, ...more });
		await refused(create({ amount: 99 }), {
			...bad,
			'error.field': 'amount',
			'error.description': 'The amount must be at least INR 1.00',
		});
		await refused(create({ amount: 1.5 }), { ...bad, 'error.field': 'amount' });
		await refused(create({ currency: 'inr' }), { ...bad, 'error.field': 'currency' });
		await refused(create({ currency: 'KWD', amount: 5001 }), bad);
		await refused(create({ receipt: 'x'.repeat(41) }), {
			...bad,
			'error.field': 'receipt',
		});
		await refused(create({ colour: 'red' }), {
			...bad,
			'error.description': 'colour is/are not required and should not be sent',
		});
		await refused(
			create({
				notes: Object.fromEntries(
					[...Array(16).keys()].map((i) => [`k${i}`, 'x']),
				),
			}),
			bad,
		);
		await refused(create({ notes: { a: 'x'.repeat(257) } }), bad);
		await create({ currency: 'JPY', amount: 1 });
		const receipt = crypto.randomUUID();
		await create({ receipt });
		await refused(create({ receipt }), bad);
		await refused(r.orders.fetch('order_none'), bad);
		await refused(r.payments.fetch('pay_none'), bad);
		await refused(r.customers.create({ name: 'x' }), bad);
		await refused(razorpay('other').orders.all(), {
			statusCode: 401,
			'error.description': 'Authentication failed',
		});
	},

	async razorpay_refunds() {
		const r = razorpay(),
			{ order, payment } = await razorpayPaid();
		const part = await r.payments.refund(payment, {
			amount: 9900,
			speed: 'normal',
			notes: { earmark_return: '3' },
		});
		assert.match(part.id, /^rfnd_/);
		assert.equal(part.status, 'processed');
		await refused(r.payments.refund(payment, { amount: 49900 }), {
			statusCode: 400,
			'error.description':
				'The refund ' + 'amount provided is greater than amount captured',
		});
		const rest = await r.payments.refund(payment);
		assert.equal(rest.amount, 40000);
		await refused(r.payments.refund(payment, { amount: 100 }), {
			statusCode: 400,
			'error.description': 'The payment has been fully refunded already.',
		});
		const list = await r.payments.fetchMultipleRefund(payment, { count: 100 });
		assert.deepEqual(
			list.items.map((f) => f.id),
			[rest.id, part.id],
		);
		assert.equal((await r.refunds.fetch(part.id)).currency, 'INR');
		assert.equal((await r.payments.fetchRefund(payment, part.id)).id, part.id);
		assert.equal((await r.payments.fetch(payment)).status, 'refunded');
		assert.equal((await r.orders.fetch(order.id)).status, 'paid');
	},

	/* The library cannot send the key, so its internal client is used. */
	async razorpay_once() {
		const { payment } = await razorpayPaid(),
			rq = razorpay().api.rq;
		const ask = async (key, data) => {
			const answer = await rq.post(`/v1/payments/${payment}/refund`, data, {
				headers: { 'X-Refund-Idempotency': key },
				validateStatus: () => true,
			});
			return [answer.status, answer.data];
		};
		const key = crypto.randomUUID();
		const [, first] = await ask(key, { amount: 100 });
		const [status, again] = await ask(key, { amount: 100 });
		assert.equal(status, 200);
		assert.equal(again.id, first.id);
		assert.equal((await ask(key, { amount: 200 }))[0], 400);
		assert.equal((await ask('short', { amount: 100 }))[0], 400);
		assert.equal((await ask('0123456789/', { amount: 100 }))[0], 400);
	},

	async razorpay_hooks() {
		const { order, payment, signature } = await razorpayPaid();
		await razorpay().payments.refund(payment, { amount: 100 });
		const {
			validatePaymentVerification,
		} = require('razorpay/dist/utils/razorpay-utils');
		assert.ok(
			validatePaymentVerification(
				{ order_id: order.id, payment_id: payment },
				signature,
				'secret_double',
			),
		);
		const { events } = await tellRazorpay('events', undefined, 'GET');
		assert.ok(events.length >= 4);
		for (const e of events) {
			const sign = e.headers['X-Razorpay-Signature'];
			assert.ok(Razorpay.validateWebhookSignature(e.body, sign, RAZORPAY_HOOK));
			assert.ok(
				!Razorpay.validateWebhookSignature(
					e.body + ' ',
					sign,
					RAZORPAY_HOOK,
				),
			);
			assert.equal(JSON.parse(e.body).event, e.type);
		}
	},

	async razorpay_ours() {
		const [file, type] = given;
		const [body, header] = fs.readFileSync(file, 'utf8').split('\n');
		const sign = header.replace(/^X-Razorpay-Signature: /, '');
		assert.ok(Razorpay.validateWebhookSignature(body, sign, RAZORPAY_HOOK));
		assert.ok(!Razorpay.validateWebhookSignature(body + ' ', sign, RAZORPAY_HOOK));
		assert.equal(JSON.parse(body).event, type);
	},

	/* The library must have the recorded verdict on each vector. */
	async vectors() {
		const { stripe: rows, razorpay_webhook: hooks } = JSON.parse(
			fs.readFileSync(given[0], 'utf8'),
		);
		for (const v of rows) {
			let ok = true;
			try {
				stripe().webhooks.constructEvent(
					v.payload,
					v.header,
					v.secret,
					v.tolerance,
					undefined,
					v.now * 1000,
				);
			} catch {
				ok = false;
			}
			assert.equal(ok, v.sdk_accepts, v.name);
		}
		for (const v of hooks)
			assert.equal(
				Razorpay.validateWebhookSignature(v.payload, v.signature, v.secret),
				v.sdk_accepts,
				v.name,
			);
	},
};

/* A promise that is never resolved would end this program with success. */
let done = false;
process.on('exit', (status) => {
	if (status === 0 && !done) process.exitCode = 1;
});
cases[name]().then(
	() => {
		done = true;
	},
	(e) => {
		console.error(e);
		process.exitCode = 1;
	},
);
