import TestSupport
import Testing

extension Functional {
    /// Who an app runs as.
    @Suite struct UsersAndGroups {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test(arguments: [
            ("0", "0", "0", "0"), ("root", "root", "0", "0"), ("user", "users", "1000", "1001"),
            ("12345", "54321", "12345", "54321"),
            ("4294967294", "4294967294", "4294967294", "4294967294"),
            ("/etc/passwd", "/etc/passwd", "0", "0"),
        ])
        func usersAndGroupsAreNumbersNamesOrFiles(
            _ user: String,
            _ group: String,
            _ uid: String,
            _ gid: String
        ) throws {
            let outcome = try rkt.probe(
                ["--facts=ids"],
                app: ["--user=\(user)", "--group=\(group)"]
            )
            #expect(outcome.facts["uid"] == "\(uid) \(uid) \(uid) \(uid)", "\(outcome)")
            #expect(outcome.facts["gid"] == "\(gid) \(gid) \(gid) \(gid)", "\(outcome)")
        }

        /// R7: ids never wrap.
        @Test(arguments: [
            "4294967295", "4294967296", "99999999999999999999", "-1", "nobody-here", "/no/such",
            "0x0", "1.5",
        ])
        func whatIsNobodyIsRefused(_ user: String) throws {
            for flag in ["--user", "--group"] {
                let outcome = try rkt.probe(["--facts=ids"], app: ["\(flag)=\(user)"])
                #expect(!outcome.succeeded, "\(outcome)")
                #expect(outcome.errors.contains(user), "\(outcome)")
                #expect(outcome.facts["uid"] == nil)
            }
        }

        /// R7: supplementary groups are set, also to none.
        @Test func supplementaryGroupsAreExactlyThoseAskedFor() throws {
            let none = try rkt.probe(["--facts=ids"], app: ["--user=user"])
            #expect(none.facts["groups"] == "", "\(none)")
            let two = try rkt.probe(["--facts=ids"], app: ["--supplementary-gids=7,1002"])
            #expect(two.facts["groups"] == "7 1002", "\(two)")
        }

        /// R1, R7: the pod's passwd is read inside the pod, and never waited for.
        @Test(arguments: ["symlink", "fifo"])
        func aPasswdThatIsNoFileIsNotRead(_ what: String) throws {
            var aci = try ACI("example.com/evil")
            switch what {
            case "symlink":
                aci.archive.add("rootfs/etc/passwd", .symbolicLink, link: "/../../etc/shadow")
            default: aci.archive.add("rootfs/etc/passwd", .fifo)
            }
            let path = try aci.write(in: rkt.scratch)
            _ = try rkt("--insecure-options=image", "fetch", path)
            let outcome = try rkt.probe(
                ["--facts=ids"],
                image: "example.com/evil",
                app: ["--user=user"]
            )
            #expect(!outcome.succeeded && !outcome.isTimedOut, "\(outcome)")
            #expect(!outcome.errors.contains("daemon"), "\(outcome)")
        }
    }
}
