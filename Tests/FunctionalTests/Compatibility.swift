import Foundation
import TestSupport
import Testing

extension Functional {
    /// What scripts written for CoreOS rkt, and people used to it, count on.
    @Suite struct Compatibility {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test(arguments: [
            "api-service", "app", "attach", "completion",
            "metadata-service",
        ])
        func aCommandToComeIsRefusedByName(_ command: String) throws {
            let words = command.split(separator: " ").map(String.init)
            let outcome = try rkt(words + ["--some-flag", "x"])
            #expect(outcome.code == 254)
            #expect(outcome.errors == "\(command): rkt \(command) is not built yet\n")
        }

        @Test func helpShowsOnlyWhatIsThere() throws {
            let help = try rkt("help").output
            #expect(help.contains("\trun\t") && !help.contains("attach"))
            #expect(try rkt("im").output.contains("\trkt image - "))
        }

        @Test(arguments: [
            ["gc", "x"], ["list", "x"], ["image", "list", "x"], ["image", "gc", "x"],
        ])
        func anArgumentTooManyIsRefused(_ words: [String]) throws {
            let outcome = try rkt(words)
            #expect(outcome.code == 254 && outcome.errors.contains("unexpected argument \"x\""))
        }

        @Test func anUnknownImageIsSaidToBeMissing() throws {
            let outcome = try rkt("run", "--pull-policy=never", "example.com/nosuch")
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("from image name \"example.com/nosuch\""))
            #expect(outcome.errors.contains("not found in the store"))
        }

        @Test func aPodThatCouldNotBeReadIsNotMade() throws {
            let outcome = try rkt("run", "--net=none", busybox, "--working-dir=etc")
            #expect(outcome.code == 254 && outcome.errors.contains("not an absolute path"))
            #expect(rkt.pods(in: "run").isEmpty)
        }

        @Test func listShowsTheImagesVersion() throws {
            let uuid = try rkt.prepare([busybox])
            let manifest = try rkt("cat-manifest", uuid).output
            #expect(manifest.contains("\"value\": \"1.0.0\""), "\(manifest)")
            #expect(try rkt("list").output.contains("\t\(busybox):1.0.0\t"))
        }

        @Test func anImageWasNeverUsedBeforeItWasImported() throws {
            let list = try rkt("image", "list", "--format=json").output
            let images = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]]
            let image = try #require(images?.first)
            let (imported, used) = (image["import_time"] as? Int, image["last_used_time"] as? Int)
            #expect(try #require(used) >= #require(imported))
        }

        @Test func whatIsNotBuiltMayBeSwitchedOff() throws {
            let rkt = try Rkt.withBusybox()
            for flag in ["--mds-register", "--private-users"] {
                let off = try rkt("run", "--net=none", flag + "=false", busybox, "--exec=/bin/true")
                #expect(off.succeeded, "\(off)")
                let on = try rkt("run", "--net=none", flag, busybox, "--exec=/bin/true")
                #expect(on.code == 254 && on.errors.contains("not built yet"), "\(on)")
            }
        }
    }
}
