"""Vectors: the tree over eight short leaves that implementations of RFC 6962 publish, and trees of our own making."""

import hashlib

import pytest

from harness_cli.audit.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    roots_at,
)

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def naive(leaves):
    """The definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive(leaves[:split]), naive(leaves[split:]))


def test_roots_are_the_published_ones():
    assert [naive(HASHES[: n + 1]).hex() for n in range(8)] == ROOTS
    assert {n: root.hex() for n, root in roots_at(HASHES, range(1, 9)).items()} == dict(enumerate(ROOTS, start=1))


def test_a_frontier_grows_leaf_by_leaf_or_at_once():
    frontier = Frontier()
    for count, leaf in enumerate(HASHES, start=1):
        frontier = frontier.append(leaf)
        assert frontier == Frontier().extend(HASHES[:count])
        assert frontier.root.hex() == ROOTS[count - 1]
        assert frontier.is_whole
    assert not Frontier(3, (b"",)).is_whole


def test_an_empty_tree_has_the_root_of_nothing():
    assert Frontier().root == hashlib.sha256(b"").digest()


def test_inclusion_and_consistency_hold_for_every_pair_of_sizes():
    leaves = [leaf_hash(bytes([number])) for number in range(33)]
    for size in range(1, 34):
        root = naive(leaves[:size])
        for index in range(size):
            proof = inclusion_proof(leaves[:size], index)
            assert is_included(leaves[index], index, size, proof, root)
            assert not is_included(leaves[index - 1], index, size, proof, root) or size == 1
            assert not is_included(leaves[index], index, size, (*proof, root), root)
        for old in range(1, size + 1):
            proof = consistency_proof(leaves[:size], old)
            assert is_consistent(old, size, naive(leaves[:old]), root, proof)
            assert not is_consistent(old, size, naive(leaves[1 : old + 1]), root, proof) or old == size == 33
            if proof:
                assert not is_consistent(old, size, naive(leaves[:old]), root, proof[:-1])


def test_an_old_size_of_zero_proves_nothing():
    with pytest.raises(ValueError, match="old size"):
        consistency_proof(HASHES, 0)
    assert not is_consistent(0, 8, Frontier().root, bytes.fromhex(ROOTS[7]), ())


def test_an_index_outside_the_tree_is_refused():
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(HASHES, 8)
    assert not is_included(HASHES[0], 8, 8, (), bytes.fromhex(ROOTS[7]))


def test_proofs_are_the_published_ones():
    assert [step.hex() for step in inclusion_proof(HASHES, 0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [step.hex() for step in consistency_proof(HASHES, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_a_consistency_proof_that_is_too_long_or_missing_proves_nothing():
    leaves = [leaf_hash(bytes([number])) for number in range(8)]
    old, new = naive(leaves[:3]), naive(leaves)
    proof = consistency_proof(leaves, 3)
    assert is_consistent(3, 8, old, new, proof)
    assert not is_consistent(3, 8, old, new, ())
    assert not is_consistent(3, 8, old, new, (*proof, new))
    assert not is_consistent(4, 8, naive(leaves[:4]), new, (*consistency_proof(leaves, 4), new))
