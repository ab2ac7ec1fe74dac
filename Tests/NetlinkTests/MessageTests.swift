import Testing

@testable import Netlink

@Suite struct MessageTests {
    @Test func aMessageIsLaidOutAsTheKernelReadsIt() {
        var message = NetlinkMessage("test", type: 0x1234, .create)
        message.append(UInt8(7))
        message.pad()
        message.attribute(3, "ab")
        message.nested(4) { $0.attribute(1, big: UInt16(1)) }
        let bytes = message.encoded(sequence: 5, acknowledged: true)
        #expect(
            bytes == [
                40, 0, 0, 0, 0x34, 0x12, 0x05, 0x04, 5, 0, 0, 0, 0, 0, 0, 0,
                7, 0, 0, 0,
                7, 0, 3, 0, 0x61, 0x62, 0, 0,
                12, 0, 4, 0x80, 6, 0, 1, 0, 0, 1, 0, 0,
            ]
        )
    }

    @Test func answersAreReadBack() throws {
        var message = NetlinkMessage("test", type: 16, [])
        message.append(UInt32(9))
        message.attribute(3, "eth0")
        message.nested(18) { $0.attribute(1, UInt32(77)) }
        let bytes = message.encoded(sequence: 2, acknowledged: false)
        let replies = NetlinkReply.all(in: bytes + bytes)
        #expect(replies.count == 2)
        let attributes = try #require(replies.last).attributes(behind: 4)
        #expect(attributes.text(3) == "eth0")
        #expect(attributes.nested(18)?.number(1, UInt32.self) == 77)
        #expect(attributes.number(3, UInt32.self) == nil)
    }

    @Test(arguments: [
        [], [1, 2], [0, 0, 0, 0] + Array(repeating: 0, count: 12),
        [255, 0, 0, 0] + Array(repeating: UInt8(0), count: 12),
    ])
    func damagedAnswersEndTheList(_ bytes: [UInt8]) {
        #expect(NetlinkReply.all(in: bytes).isEmpty)
    }
}
