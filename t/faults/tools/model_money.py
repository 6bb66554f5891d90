"""A model of the money of customers and listeners, for model.py.

It computes what the service must answer and store. It knows nothing about
requests, the database or time.
"""

COMMISSION = 2000               # per 10,000


def share(gross):
    """Returns the fee, rounded to the nearest unit."""
    return (gross * COMMISSION + 5000) // 10000


class Referral:
    """A customer who was invited by another one. The first top-up begins it."""
    INVITER, INVITED = 70, 30
    MIN_COMMISSION = 40

    def __init__(self, inviter, invited):
        self.inviter, self.invited = inviter, invited
        self.commission = 0
        self.begun = None               # None: no payment yet
        self.paid = None                # payments that were credited before
        self.taken = False

    def begin(self, at):
        """A payment was credited. The first one begins the referral."""
        if self.begun is None:
            self.begun = not self.inviter.gone
        self.last = at

    def earn(self, commission):
        if self.begun:
            self.commission += commission

    def reversed(self):
        counted = self.paid or self.invited.all_paid
        return (self.paid is not None and
                self.commission < self.MIN_COMMISSION) or any(
                    p.taken for p in counted)

    def ready(self):
        return (self.paid is None and self.begun and not self.reversed() and
                self.commission >= self.MIN_COMMISSION and
                not self.inviter.gone and not self.invited.gone)

    def pay(self):
        """The job pays both bonuses if the conditions hold."""
        if self.ready():
            self.paid = list(self.invited.all_paid)
            self.inviter.gift(bonus=self.INVITER)
            self.invited.gift(bonus=self.INVITED)

    def update(self):
        """Takes the bonuses back or returns them, after a reversal."""
        if self.paid is None or self.reversed() == self.taken:
            return
        self.taken = not self.taken
        for user, amount, name in ((self.inviter, self.INVITER, "a"),
                                   (self.invited, self.INVITED, "b")):
            if self.taken:
                bonus = min(amount, user.bonus)
                user.bonus -= bonus
                user.owed += amount - bonus
                setattr(self, name, bonus)
                user.settle()
            else:
                user.gift()
                user.restore(amount, getattr(self, name))


class Listener:
    def __init__(self, user, rate):
        self.user, self.rate, self.earnings = user, rate, 0

    def earn(self, gross):
        self.earnings += gross - share(gross)


class Live:
    """A live session."""

    def __init__(self, number, listener, began):
        self.number, self.listener, self.began = number, listener, began
        self.rate = listener.rate       # of this session
        self.leased = self.free = 0     # minutes, and free ones among them
        self.wallet = self.bonus = 0    # reserved money
        self.minutes = 1                # started minutes
        self.moved = 0                  # ms that the session was moved back
        self.length = None              # exact length in ms, if it is known
        self.mixed = False              # a better source of payment was added


class Bill:
    """An ended session."""

    def __init__(self, live, answer, cost, bonus):
        self.own = cost - bonus         # paid by the wallet
        self.number, self.listener = live.number, live.listener
        self.answer, self.cost, self.bonus = answer, cost, bonus
        gross = cost + live.free * live.rate
        self.earned = gross - share(gross)
        self.refunded = self.reversed = 0


class Paid:
    """A credited payment, and what its reversals took."""

    def __init__(self, number, amount):
        self.number, self.amount = number, amount
        self.taken = self.reversals = 0


class Grant:
    """Free minutes of one redemption."""

    def __init__(self, code, minutes, max_rate):
        self.code, self.minutes, self.max_rate = code, minutes, max_rate
        self.held = 0                   # by the live session


class Customer:
    def __init__(self, user, spent):
        self.user, self.spent = user, spent
        self.wallet = self.bonus = self.owed = 0
        self.grants = []                # in the order of redemption
        self.live, self.bills, self.paid = None, [], []
        self.all_paid = []
        self.referral = None
        self.lost = 0                   # lost sessions of this day
        self.redeemed = 0
        self.gone = False               # the account is deleted

    def balance(self):
        held = self.live.wallet + self.live.bonus if self.live else 0
        return self.wallet + self.bonus + held

    def settle(self):
        x = min(self.owed, self.wallet)
        self.wallet -= x
        self.owed -= x

    def give(self, amount):
        self.wallet += amount
        self.settle()

    def reverse(self, amount):
        """Applies a reversal by the provider. Returns the part that the bonus
        paid.
        """
        wallet = min(amount, self.wallet)
        bonus = min(amount - wallet, self.bonus)
        self.wallet -= wallet
        self.bonus -= bonus
        self.owed += amount - wallet - bonus
        return bonus

    def restore(self, amount, bonus):
        x = min(amount - bonus, self.owed)
        self.owed -= x
        self.bonus += bonus
        self.wallet += amount - bonus - x
        self.forfeit()

    def forfeit(self):
        """A deleted account keeps no balance."""
        if self.gone:
            self.wallet = self.bonus = 0

    def gift(self, bonus=0, grant=None):
        """Adds bonus money and free minutes, which a session uses first."""
        self.bonus += bonus
        if grant:
            self.grants.append(grant)
        if self.live and (bonus or grant):
            self.live.mixed = True

    def free(self, rate=0):
        """Returns the free minutes that apply to a rate."""
        return sum(g.minutes for g in self.grants if g.max_rate >= rate)

    def hold(self, n):
        """The live session holds n free minutes."""
        self.live.free += n
        for g in self.grants:
            if g.max_rate >= self.live.rate:
                x = min(n, g.minutes)
                g.minutes -= x
                g.held += x
                n -= x

    def spend(self, n):
        """Spends n of the held minutes and returns the rest."""
        for g in self.grants:
            x = min(n, g.held)
            self.spent[g.code] += x * self.live.rate
            g.minutes += g.held - x
            g.held = 0
            n -= x
        self.grants = [g for g in self.grants if g.minutes]

    def lasts(self, rate):
        """Returns the minutes from the start of the live or next session."""
        live = self.live
        held = live.wallet + live.bonus if live else 0
        mine = 0 if self.owed else self.wallet + self.bonus
        return (held + mine) // rate + self.free(rate) + (
            live.free if live else 0)

    def lease(self, minutes):
        """Reserves minutes: first free ones, then bonus, then wallet."""
        live, rate = self.live, self.live.rate
        free = min(minutes, live.free + self.free(rate))
        money = max(0, (minutes - free) * rate - live.wallet - live.bonus)
        self.hold(max(0, free - live.free))
        x = min(money, self.bonus)
        self.bonus -= x
        live.bonus += x
        self.wallet -= money - x
        live.wallet += money - x
        live.leased = minutes

    def end(self):
        """Returns (minutes, cost, bonus part of the cost)."""
        live, rate = self.live, self.live.rate
        reach = min(live.minutes, self.lasts(rate))
        if reach > live.leased:
            self.lease(reach)
        minutes = min(live.minutes, live.leased)
        free = min(minutes, live.free)
        self.spend(free)
        cost = (minutes - free) * rate
        bonus = min(cost, live.bonus)
        self.bonus += live.bonus - bonus
        self.wallet += live.wallet - (cost - bonus)
        self.live = None
        live.free = free
        live.listener.earn(cost + free * rate)
        self.settle()
        return minutes, cost, bonus
