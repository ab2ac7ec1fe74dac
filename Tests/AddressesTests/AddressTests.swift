import Addresses
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("172.16.28.1", "172.16.28.1"), ("::", "::"), ("::1", "::1"),
        ("fd00:0:0:1::5", "fd00:0:0:1::5"), ("FD00:0db8:0:0:0:0:0:1", "fd00:db8::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::", "1::"), ("1:0:2::", "1:0:2::"),
        // RFC 5952 § 4.2: the longest run is shortened, the first of two, and never a single word.
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
        ("1:2:3:0:5:6:7:8", "1:2:3:0:5:6:7:8"), ("::ffff:1.2.3.4", "::ffff:102:304"),
    ])
    func addressesAreReadAndWritten(_ text: String, _ written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", "+1.2.3.4",
        ":", ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7::8",
        "::1.2.3", "1.2.3.4::", "fe80::1%eth0", "+1::", "1:", ":1",
    ])
    func othersAreRefused(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func prefixesKnowTheirNetwork() throws {
        let prefix = try #require(IPPrefix("172.16.28.5/20"))
        #expect(prefix.network.description == "172.16.16.0/20")
        #expect(prefix.last == IPAddress("172.16.31.255"))
        #expect(prefix.mask == IPAddress("255.255.240.0"))
        #expect(prefix.contains(try #require(IPAddress("172.16.16.1"))))
        #expect(!prefix.contains(try #require(IPAddress("172.16.32.0"))))
        #expect(!prefix.contains(try #require(IPAddress("::1"))))
        let all = try #require(IPPrefix("::/0"))
        #expect(all.contains(try #require(IPAddress("ffff::"))) && all.last.value == .max)
    }

    @Test func overlapGoesBothWays() throws {
        let wide = try #require(IPPrefix("10.0.0.0/8"))
        let narrow = try #require(IPPrefix("10.1.2.0/24"))
        let other = try #require(IPPrefix("11.0.0.0/8"))
        #expect(wide.overlaps(narrow) && narrow.overlaps(wide))
        #expect(!wide.overlaps(other) && !other.overlaps(narrow))
    }

    @Test(arguments: [
        "1.2.3.4", "1.2.3.4/33", "1.2.3.4/-1", "::/129", "1.2.3.4/+8", "/8", "1.2.3/8",
    ])
    func wrongPrefixesAreRefused(_ text: String) {
        #expect(IPPrefix(text) == nil)
    }
}
