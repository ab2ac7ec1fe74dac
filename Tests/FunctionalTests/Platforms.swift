import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images for other machines than this one.
    @Suite struct Platforms {
        private static let platforms = [
            "linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "windows/amd64",
        ]
        let rkt: Rkt
        private let images: [String: RegistryImage]

        init() throws {
            rkt = try Rkt()
            var images: [String: RegistryImage] = [:]
            for platform in Self.platforms {
                images[platform] = try RegistryImage(platform, platform: platform)
            }
            self.images = images
        }

        /// A registry with one image for all platforms, and one for each by the tag of the architecture.
        private func registry() throws -> ScriptedServer {
            let images = images
            let index = RegistryImage.index(
                Self.platforms.compactMap { images[$0]?.entry(for: $0) }
            )
            return try ScriptedServer { request in
                if request.path.hasSuffix("/manifests/all") {
                    return .init(200, index, headers: ["Content-Type": RegistryImage.indexType])
                }
                if request.path.contains("/manifests/") {
                    let wanted = images.first {
                        request.path.hasSuffix($0.value.manifestDigest)
                            || request.path.hasSuffix("/" + $0.key.replacing("/", with: "-"))
                    }
                    return wanted?.value.answer(to: request) ?? .init(404, "")
                }
                return images.values.map { $0.answer(to: request) }.first { $0.status != 404 }
                    ?? .init(404, "")
            }
        }

        private func insecurely(_ arguments: [String]) throws -> Outcome {
            try rkt(["--insecure-options=image,http"] + arguments, within: 30)
        }

        @Test(arguments: [
            ([], "linux/amd64"), (["--arch=amd64"], "linux/amd64"),
            (["--arch=arm"], "linux/arm/v7"),
            (["--arch=arm/v7"], "linux/arm/v7"), (["--arch=armv7l"], "linux/arm/v7"),
            (["--arch=arm/v6"], "linux/arm/v6"), (["--arch=armv6l"], "linux/arm/v6"),
            (["--arch=arm64"], "linux/arm64/v8"), (["--arch=aarch64"], "linux/arm64/v8"),
            (["--arch=arm64/v8"], "linux/arm64/v8"), (["--os=windows"], "windows/amd64"),
            (["--os=linux", "--arch=arm/v7"], "linux/arm/v7"),
        ])
        func theFlagsChoose(_ flags: [String], _ platform: String) throws {
            let server = try registry()
            let reference = "docker://\(server.authority)/a/b:all"
            let outcome = try insecurely(["fetch", "--full"] + flags + [reference])
            #expect(outcome.text == images[platform]?.id, "\(outcome)")
        }

        @Test(arguments: [["--arch=s390x"], ["--arch=arm/v5"], ["--os=freebsd"]])
        func whatIsNotThereIsToldWithWhatIs(_ flags: [String]) throws {
            let server = try registry()
            let outcome = try insecurely(
                ["fetch"] + flags + ["docker://\(server.authority)/a/b:all"]
            )
            #expect(outcome.code == 254, "\(outcome)")
            for platform in Self.platforms {
                #expect(outcome.errors.contains("\"\(platform)\""), "\(outcome)")
            }
            #expect(rkt.hasEmptyStore)
        }

        /// Many configurations name the architecture without its variant; the index knows better.
        @Test func aVariantThatOnlyTheIndexNames() throws {
            let image = try RegistryImage(platform: "linux/arm")
            let index = RegistryImage.index([image.entry(for: "linux/arm/v6")])
            let server = try ScriptedServer { request in
                request.path.hasSuffix("/manifests/1")
                    ? .init(200, index, headers: ["Content-Type": RegistryImage.indexType])
                    : image.answer(to: request)
            }
            let outcome = try insecurely([
                "fetch", "--full", "--arch=arm/v6", "docker://\(server.authority)/a/b:1",
            ])
            #expect(outcome.text == image.id, "\(outcome)")
        }

        /// As rkt, and unlike podman: what can't run here doesn't come unless it is asked for.
        @Test func anImageOfAnotherMachineIsRefusedUnlessItIsAskedFor() throws {
            let server = try registry()
            let reference = "docker://\(server.authority)/a/b:linux-arm64-v8"
            for flags in [[], ["--arch=s390x"]] {
                let refused = try insecurely(["fetch"] + flags + [reference])
                let words = #"bad os/arch: "linux/arm64/v8" instead of"#
                #expect(refused.code == 254 && refused.errors.contains(words), "\(refused)")
                #expect(rkt.hasEmptyStore)
            }
            let allowed = try insecurely(["fetch", "--full", "--arch=arm64", reference])
            #expect(allowed.text == images["linux/arm64/v8"]?.id, "\(allowed)")
        }

        /// What was fetched for another machine isn't what a pod here is made of.
        @Test func aNameMeansTheImageForThisMachine() throws {
            let server = try registry()
            let reference = "docker://\(server.authority)/a/b:all"
            let name = "\(server.authority)/a/b:all"
            #expect(try insecurely(["fetch", "--arch=arm64", reference]).succeeded)
            let missing = try insecurely(["fetch", "--pull-policy=never", reference])
            #expect(missing.code == 254, "\(missing)")
            for name in [reference, name] {
                let own = try insecurely(["fetch", "--full", "--pull-policy=new", name])
                #expect(own.text == images["linux/amd64"]?.id, "\(own)")
            }
            #expect(try insecurely(["fetch", "--arch=arm64", reference]).succeeded)
            let stored = ["fetch", "--full", "--pull-policy=never"]
            #expect(try insecurely(stored + [name]).text == images["linux/amd64"]?.id)
            let other = try insecurely(stored + ["\(name),arch=aarch64"])
            #expect(other.text == images["linux/arm64/v8"]?.id, "\(other)")
        }

        /// A label of a name does what the flag does.
        @Test func aLabelChoosesToo() throws {
            let server = try registry()
            let outcome = try insecurely([
                "fetch", "--full", "\(server.authority)/a/b:all,arch=armv6l",
            ])
            #expect(outcome.text == images["linux/arm/v6"]?.id, "\(outcome)")
        }
    }
}
