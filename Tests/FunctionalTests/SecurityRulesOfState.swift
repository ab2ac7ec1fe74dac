import Foundation
import TestSupport
import Testing

extension Functional {
    /// The rules about images and what lies on the disk.
    @Suite struct SecurityRulesOfState {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func fetch(_ image: String) throws -> Outcome {
            try rkt("--insecure-options=image", "fetch", image, within: 60)
        }

        /// Imports an image with one more layer; nil if it is refused.
        private func unpack(_ plant: (inout TarArchive) -> Void) throws -> String? {
            var layer = TarArchive()
            plant(&layer)
            var image = try OCIImage()
            image.layers.append(layer)
            let name = try image.write(in: rkt.scratch)
            let outcome = try fetch(name)
            #expect(outcome.code == 0 || outcome.code == 254, "\(outcome)")
            return outcome.succeeded ? name : nil
        }

        @Test("R9: nothing is reachable that isn't what was promised")
        func contentsAreVerified() throws {
            var image = try OCIImage()
            image.claimedDiffIDs = ["sha256:" + String(repeating: "0", count: 64)]
            let before = try rkt("image", "list", "--no-legend").lines.count
            #expect(try fetch(try image.write(in: rkt.scratch)).code == 254)
            #expect(try rkt("image", "list", "--no-legend").lines.count == before)
        }

        @Test(
            "R9: a damaged pod doesn't make another directory an app's root",
            arguments: [
                "", "\0", "../../../../../..", ".", "sha512-../../x", "{",
            ]
        )
        func layersAreNames(_ text: String) throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/true"])
            try rkt.scratch.write(
                text + "\n",
                to: "data/pods/prepared/\(uuid)/appsinfo/busybox/layers"
            )
            let outcome = try rkt("run-prepared", "--net=none", uuid)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("damaged"), "\(outcome)")
        }

        @Test("R10: manifests have a size and a depth", arguments: [65, 100_000])
        func manifestsHaveBudgets(_ depth: Int) throws {
            let deep =
                String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let long = "\"" + String(repeating: "x", count: 5 << 20) + "\""
            for value in [deep, long] {
                var archive = TarArchive()
                archive.add(
                    "manifest",
                    text: """
                        {"acKind":"ImageManifest","acVersion":"0.8.11","name":"a.b/c","x":\(value)}
                        """
                )
                archive.add("rootfs/", .directory)
                let outcome = try fetch(try rkt.scratch.write(archive.data, to: "big.aci"))
                #expect(outcome.code == 254, "\(outcome.code) \(outcome.errors.prefix(200))")
            }
        }

        @Test("R11: a layer can't write through what it has planted itself")
        func layersAreCaged() throws {
            let outside = try rkt.scratch.makeDirectory("outside")
            _ = try unpack {
                $0.add("door", .symbolicLink, link: outside)
                $0.add("door/written", text: "x")
                $0.add("../../../../../../../../..\(outside)/written", text: "x")
            }
            #expect(rkt.scratch.list("outside").isEmpty)
        }

        @Test("R12: attributes that steer the kernel stay out")
        func attributesAreChosen() throws {
            _ = try unpack {
                $0.addExtended([
                    ("SCHILY.xattr.trusted.overlay.redirect", "/etc"),
                    ("SCHILY.xattr.user.overlay.redirect", "/etc"),
                    ("SCHILY.xattr.system.posix_acl_access", "x"),
                ])
                $0.add("attributed/", .directory)
            }
            let found = try tool(
                "sh",
                "-c",
                "find '\(rkt.data)/images' -name attributed -exec getfattr -d -m - {} + || true"
            )
            #expect(!found.contains("redirect") && !found.contains("posix_acl"), "\(found)")
        }

        @Test("R13: an image's device is nobody's device")
        func imagesBringNoDevices() throws {
            let image = try unpack { $0.add("disk", .blockDevice, mode: 0o666, device: (7, 0)) }
            guard let image else { return }
            let outcome = try rkt.probe(["--open=/disk"], image: image)
            #expect(outcome.facts["open./disk"]?.hasPrefix("E") == true, "\(outcome)")
        }

        @Test("R14: other users read nothing of a pod, whatever the caller's mask")
        func podsArePrivate() throws {
            let uuid = try Execution([
                "/bin/sh", "-c",
                "umask 0; exec '\(Rkt.program)' --dir='\(rkt.data)' prepare \(busybox)",
            ]).finished().text
            let pod = rkt.scratch("data/pods/prepared/\(uuid)")
            for path in [rkt.data, rkt.scratch("data/pods"), pod] {
                #expect(try tool("stat", "-c", "%a", path) == "700", "\(path)")
            }
            for file in ["pod", "appsinfo/busybox/manifest"] {
                #expect(try tool("stat", "-c", "%a", "\(pod)/\(file)") == "600", "\(file)")
            }
        }

        @Test("R17: a fetch that was cut short leaves a store that works")
        func storesNeedNoRepair() throws {
            let file = try ACI("example.com/other").write(in: rkt.scratch, as: "other.aci")
            for milliseconds in [1, 3, 5, 10, 20, 40, 80] {
                let fetch = try rkt.start(["--insecure-options=image", "fetch", file])
                usleep(UInt32(milliseconds) * 1000)
                fetch.signal(SIGKILL)
                fetch.finished()
                #expect(try rkt("image", "list").succeeded)
            }
            #expect(try fetch(file).succeeded)
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }

        @Test("R19: gc removes what an app has dug, and nothing beside it")
        func removalStaysInThePod() throws {
            let canary = try rkt.scratch.write("x", to: "canary/file")
            let uuid = try rkt.prepare([busybox, "--exec=/bin/true"])
            let upper = rkt.scratch("data/pods/prepared/\(uuid)/overlay/busybox/upper")
            let dig = """
                import os, sys
                os.symlink(sys.argv[2], sys.argv[1] + "/link")
                os.mkfifo(sys.argv[1] + "/pipe")
                os.mkdir(sys.argv[1] + "/closed", 0)
                os.chdir(sys.argv[1])
                for _ in range(5000): os.mkdir("d"); os.chdir("d")
                os.mkdir("n" * 255)
                os.mkdir(b"\\xff\\x1b[31m")
                """
            try tool("python3", "-c", dig, upper, rkt.scratch("canary"))
            let outcome = try rkt("rm", uuid, within: 120)
            #expect(outcome.succeeded, "\(outcome)")
            try rkt("gc", "--grace-period=0s", within: 120)
            #expect(File.read(canary) == "x")
            for phase in ["prepared", "garbage", "exited-garbage"] {
                #expect(rkt.pods(in: phase).isEmpty, "\(phase)")
            }
        }

        @Test("R21: a key that is there twice means nothing")
        func duplicateKeysAreRefused() throws {
            let manifest = """
                {"acKind":"ImageManifest","acVersion":"0.8.11","name":"a.b/c","name":"a.b/d"}
                """
            var archive = TarArchive()
            archive.add("manifest", text: manifest)
            archive.add("rootfs/", .directory)
            #expect(try fetch(try rkt.scratch.write(archive.data, to: "two.aci")).code == 254)
            let pod = #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[],"apps":[]}"#
            let file = try rkt.scratch.write(pod, to: "pod.json")
            #expect(try rkt("run", "--net=none", "--pod-manifest=\(file)").code == 254)
        }
    }
}
