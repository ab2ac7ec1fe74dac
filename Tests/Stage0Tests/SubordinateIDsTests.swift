import Testing

@testable import Stage0

@Suite struct SubordinateIDsTests {
    private let file = Array(
        """
        alice:100000:65536
        bob:200000:65536
        1001:300000:10
        alice:400000:5
        alice:x:1
        alice:1
        alice:4294967290:10
        alice:500000:0

        """.utf8
    )

    @Test func aUserStandsThereByNameOrNumber() {
        #expect(
            SubordinateIDs.ranges(in: file, userName: "alice", uid: 1000) == [
                SubordinateRange(start: 100_000, count: 65536),
                SubordinateRange(start: 400_000, count: 5),
            ]
        )
        #expect(
            SubordinateIDs.ranges(in: file, userName: nil, uid: 1001) == [
                SubordinateRange(start: 300_000, count: 10)
            ]
        )
        #expect(SubordinateIDs.ranges(in: file, userName: "carol", uid: 1).isEmpty)
    }

    @Test func theCallerIsRootAndTheRestFollows() {
        let ranges = [SubordinateRange(start: 7, count: 3), SubordinateRange(start: 20, count: 2)]
        #expect(
            IDMapping.map(1000, ranges) == [
                IDMapping(inside: 0, outside: 1000, count: 1),
                IDMapping(inside: 1, outside: 7, count: 3),
                IDMapping(inside: 4, outside: 20, count: 2),
            ]
        )
    }

    @Test func aRangeThatDoesNotFitEndsTheMap() {
        let ranges = [
            SubordinateRange(start: 0, count: .max), SubordinateRange(start: 0, count: 1),
        ]
        #expect(IDMapping.map(1, ranges).count == 1)
    }

    @Test func namesComeFromThePasswdFile() {
        let passwd = Array("root:x:0:0::/:\nbob:x:12:12::/:\nbroken\n".utf8)
        #expect(SubordinateIDs.userName(of: 12, in: passwd) == "bob")
        #expect(SubordinateIDs.userName(of: 13, in: passwd) == nil)
    }
}
