package flow

import "math/bits"

// secret seeds the hashes of one table, so that nobody can choose packets that
// all fall into one place of it.
type secret [5]uint64

// newSecret derives a secret from a seed.
func newSecret(seed uint64) (s secret) {
	for i := range s {
		seed += 0x9e3779b97f4a7c15
		s[i] = mix(seed) | 1
	}
	return s
}

// mix is the finalizer of splitmix64: a permutation of 64 bits.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// fold multiplies to 128 bits and folds them.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hash4 returns the hash of an IPv4 key.
func (s *secret) hash4(addrs, key uint64) uint64 {
	return fold(fold(addrs^s[0], key^s[1])^s[2], s[3])
}

// hash6 returns the hash of an IPv6 key.
func (s *secret) hash6(a *[4]uint64, key uint64) uint64 {
	h := fold(a[0]^s[0], a[1]^s[1]) ^ fold(a[2]^s[2], a[3]^s[3])
	return fold(fold(h^s[4], key^s[1])^s[2], s[3])
}

// hashEndpoint returns the hash of an address (IPv4 in lo) with a port and its
// protocol.
func (s *secret) hashEndpoint(hi, lo uint64, port uint16, proto uint8) uint64 {
	h := fold(hi^s[3], lo^s[2])
	return fold(fold(h^s[4], uint64(port)<<8^uint64(proto)^s[0])^s[1], s[3])
}

// identity returns the number that stands for a flow in records: a hash of its
// key and first time without a secret, so that it is the same in every run.
func identity(addrs [4]uint64, key uint64, first int64) uint64 {
	h := mix(uint64(first) + 0x9e3779b97f4a7c15)
	for _, a := range addrs {
		h = mix(h ^ a)
	}
	return mix(h ^ key)
}
