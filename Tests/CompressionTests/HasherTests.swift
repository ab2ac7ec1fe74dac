import Compression
import Testing

@Suite struct HasherTests {
    /// The vectors of FIPS 180-4's examples for "abc".
    @Test(arguments: [
        (
            HashAlgorithm.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        (
            HashAlgorithm.sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func theStandardsExampleComesOut(algorithm: HashAlgorithm, digest: String) throws {
        var hasher = try Hasher(algorithm)
        try hasher.update([0x61].span)
        try hasher.update([0x62, 0x63].span)
        #expect(hexadecimal(try hasher.finish()) == digest)
    }
}
