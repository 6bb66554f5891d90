#!/usr/bin/python3
"""Compares json_validate() with the json module of Python.

usage: json_fuzz_diff.py VALIDATOR CORPUS [--count N] [--without RULE]

Generates valid and invalid JSON texts. Runs the program VALIDATOR on all of
them, and compares it with the C scanner of Python's json module. Python
decodes UTF-8 strictly, rejects NaN and Infinity, and applies the additional
bounds of Earmark. --without omits one of these bounds on the side of Python.
Then there must be differences, else the texts do not reach the bound.
"""
import argparse
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "faults", "tools"))
import seed                                             # noqa: E402

DEPTH = 32
RULES = ('twice', 'depth', 'int64', 'nul', 'surrogate', 'utf8', 'grammar')


class Refused(Exception):
    """args[0] is the rule that the text breaks."""


def reader(without):
    """Returns a function that returns the rule a text breaks, or None."""
    def refuse(rule):
        if rule != without:
            raise Refused(rule)

    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            refuse('twice')
        for key, _ in pairs:
            text(key)
        return [value for _, value in pairs]

    def integer(digits):
        if len(digits) > 20 or not -2**63 <= int(digits) < 2**63:
            refuse('int64')
        return 0

    def constant(_):
        raise Refused('grammar')

    def text(string):
        if '\0' in string:
            refuse('nul')
        if any('\ud800' <= c <= '\udfff' for c in string):
            refuse('surrogate')

    def walk(value, depth):
        if isinstance(value, list):
            if depth == DEPTH:
                refuse('depth')
            for item in value:
                walk(item, depth + 1)
        elif isinstance(value, str):
            text(value)

    def read(data):
        try:
            try:
                string = data.decode('utf-8', 'strict')
            except UnicodeDecodeError:
                refuse('utf8')
                string = data.decode('utf-8', 'replace')
            value = json.loads(string, parse_int=integer,
                               parse_constant=constant,
                               object_pairs_hook=members)
            walk(value, 0)
        except Refused as why:
            return why.args[0]
        except RecursionError:
            return 'depth'
        except ValueError:
            return 'grammar'
        return None

    # The scanner in pure Python accepts digits of other scripts.
    assert json.decoder.scanstring is json.decoder.c_scanstring
    assert json.scanner.make_scanner is json.scanner.c_make_scanner
    return read


class Texts:
    """Generates texts that are JSON, almost JSON, or no JSON."""
    SPACE = ['', '', '', '', ' ', '\n', '\t', '\r', '  \r\n']
    CHARS = ['a', 'b', 'Z', '0', ' ', '/', "'", '\x7f', 'é', '€', '\u0301',
             '😀', '\ufeff', '\uffff', '\\"', '\\\\', '\\/', '\\n', '\\t',
             '\\b', '\\f', '\\r', '\\u0061', '\\u00e9', '\\u00E9', '\\u20ac',
             '\\ud83d\\ude00', '\\uD83D\\uDE00', '\\uffff']
    RARE = ['\\u0000', '\\ud83d', '\\ude00', '\\x', '\\u12', '\x1f', '\n',
            '\\', '\0']
    KEYS = ['a', 'b', 'aé', '', '/', '\\/', '\\u0061', 'id', 'a\\u00e9', '"',
            '\\u0022', '\\"', 'ab', '😀', '\\ud83d\\ude00', 'B']
    NUMBERS = ['0', '-0', '1', '-1', '12', '1.5', '-0.5e3', '1E+2', '1e-2',
               '0.0', '9223372036854775807', '-9223372036854775808',
               '9223372036854775808', '-9223372036854775809',
               '9223372036854775806', '18446744073709551616',
               '99999999999999999999999', '9223372036854775808.0', '1e400']
    WRONG = ['01', '-', '+1', '.5', '1.', '1e', '1e+', '--1', '0x1', 'NaN',
             'Infinity', '-Infinity', 'nul', 'True', "'a'", '1_0', '１', '٣',
             'undefined', '', '/**/', '-01', '1.e1', '0.1.2']
    TOKENS = ['{', '}', '[', ']', ',', ':', '"', '\\', 'u', '\\u', '0', '-',
              '.', 'e', '1', 'true', 'null', ' ', '\n', '\x00', '\x01', '""',
              '[]', '{}', '"a":1', ',"a":1', '\\u0000', '\\ud800', '\\udc00',
              '\ufeff', '\u00a0', 'é']
    BYTES = [b'\x80', b'\xbf', b'\xc0\x80', b'\xc3', b'\xe0\x80\x80', b'\xff',
             b'\xed\xa0\x80', b'\xed\xbf\xbf', b'\xf0\x80\x80\x80',
             b'\xf4\x90\x80\x80', b'\xe2\x82', b'\xf0\x9f\x98', b'\x00',
             b'\xef\xbb\xbf', b'\xf4\x8f\xbf\xbf', b'\xed\x9f\xbf']

    def __init__(self, seed, corpus):
        self.r = random.Random(seed)
        self.pool = list(corpus)
        # The probability of errors in this text.
        self.wrong = 0.0

    def space(self):
        return self.r.choice(self.SPACE)

    def string(self):
        r = self.r
        out = [r.choice(self.CHARS) for _ in range(int(r.expovariate(.2)))]
        if r.random() < self.wrong:
            out.insert(r.randint(0, len(out)), r.choice(self.RARE))
        return '"' + ''.join(out) + '"'

    def key(self):
        if self.r.random() < .7:
            key = self.r.choice(self.KEYS)
            if key != '"':
                return '"%s%s"' % (key, self.r.choice(['', '', '1', '2', '3']))
        return self.string()

    def scalar(self):
        r = self.r
        if r.random() < self.wrong:
            return r.choice(self.WRONG)
        kind = r.random()
        if kind < .4:
            return self.string()
        if kind < .8:
            return r.choice(self.NUMBERS[:12] if r.random() < .9
                            else self.NUMBERS)
        return r.choice(['true', 'false', 'null'])

    def value(self, depth):
        r = self.r
        kind = r.random()
        if depth <= 0 or kind < .4:
            return self.scalar()
        count = int(r.expovariate(.4))
        if kind < .7:
            items = [self.value(depth - 1) for _ in range(count)]
            ends = '[]'
        else:
            items = ['%s%s:%s%s' % (self.key(), self.space(), self.space(),
                                    self.value(depth - 1))
                     for _ in range(count)]
            ends = '{}'
        comma = ','
        if r.random() < self.wrong:
            items.append(r.choice(['', ',', ':', '"a"', '"a":']))
        return (ends[0] + self.space() +
                (self.space() + comma + self.space()).join(items) +
                self.space() + ends[1])

    def deep(self):
        n = self.r.choice([1, 30, 31, 32, 33, 34, 60, 1200])
        inner = self.scalar()
        for _ in range(n):
            inner = ('[%s]' if self.r.random() < .5 else '{"a":%s}') % inner
        return inner

    def fresh(self):
        r = self.r
        self.wrong = r.choice([0, 0, .02, .1])
        out = self.deep() if r.random() < .04 else \
            self.value(r.choice([1, 2, 3, 5]))
        return (self.space() + out + self.space()).encode('utf-8')

    def mutate(self, data):
        r = self.r
        data = bytearray(data)
        for _ in range(r.choice([1, 1, 1, 2, 4])):
            at = r.randint(0, len(data))
            end = min(len(data), at + int(r.expovariate(.15)))
            kind = r.randrange(8)
            if kind == 0 and data:
                data[r.randrange(len(data))] = r.randrange(256)
            elif kind == 1:
                data[at:at] = r.choice(self.TOKENS).encode('utf-8')
            elif kind == 2:
                data[at:at] = r.choice(self.BYTES)
            elif kind == 3:
                del data[at:end]
            elif kind == 4:
                data[at:at] = data[at:end]
            elif kind == 5:
                other = r.choice(self.pool)
                cut = r.randint(0, len(other))
                data[at:end] = other[cut:cut + int(r.expovariate(.05))]
            elif kind == 6:
                # The next quote usually begins or ends a string.
                quote = data.find(b'"', at)
                data[quote + 1:quote + 1] = r.choice(self.RARE).encode()
            elif data:
                data[r.randrange(len(data))] ^= 1 << r.randrange(8)
        return bytes(data)

    def next(self):
        r = self.r
        if r.random() < .4:
            data = self.fresh()
            if r.random() < .2:
                self.pool[r.randrange(len(self.pool))] = data
            return data
        return self.mutate(r.choice(self.pool))


def ask(verdict, texts):
    frames = b''.join(b'%d\n%s' % (len(t), t) for t in texts)
    out = subprocess.run([verdict], input=frames, stdout=subprocess.PIPE,
                         check=True).stdout.decode().splitlines()
    assert len(out) == len(texts), 'as many verdicts as texts'
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument('verdict')
    p.add_argument('corpus')
    p.add_argument('--count', type=int, default=40000)
    p.add_argument('--without', choices=RULES[:-1])
    args = p.parse_args()

    corpus = []
    for name in sorted(os.listdir(args.corpus)):
        with open(os.path.join(args.corpus, name), 'rb') as f:
            corpus.append(f.read())
    maker = Texts(seed.take(), corpus)
    texts = corpus + [maker.next() for _ in range(args.count)]
    read = reader(args.without)
    found = dict.fromkeys((None,) + RULES, 0)
    different = 0
    for text, said in zip(texts, ask(args.verdict, texts)):
        rule = read(text)
        found[rule] += 1
        if (rule is None) != (said == 'yes'):
            different += 1
            if different <= 10:
                print('jscan: %s; python: %s; %r' %
                      (said, rule or 'yes', text[:300]))
    print('%d texts: %s' % (len(texts), ', '.join(
        '%d %s' % (n, rule or 'taken') for rule, n in found.items())))
    print('%d differences' % different)
    if not args.without and min(found.values()) < args.count // 2000:
        sys.exit('a rule is hardly ever met')
    sys.exit(different > 0)


main()
