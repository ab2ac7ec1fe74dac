// swift-tools-version: 6.2
import PackageDescription

// Every target reads alike: Swift 6, warnings are errors, unsafe code is marked.
let swift: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// What stays inside a pod has no C library and no Swift runtime: it starts in 0.2 ms.
let freestandingSwift: [SwiftSetting] =
    swift + [
        .enableExperimentalFeature("Embedded"),
        .unsafeFlags(["-wmo", "-Osize", "-Xfrontend", "-disable-stack-protector"]),
    ]
let freestandingLink: [LinkerSetting] = [
    .unsafeFlags([
        "-nostartfiles", "-Xclang-linker", "-nostdlib", "-Xclang-linker", "-static",
        "-Xlinker", "--gc-sections", "-Xlinker", "-s",
    ])
]
let staticLink: [LinkerSetting] = [.unsafeFlags(["-static-executable"])]

func library(
    _ group: String,
    _ name: String,
    _ dependencies: [Target.Dependency] = []
) -> [Target] {
    [
        .target(
            name: name,
            dependencies: dependencies,
            path: "Sources/\(group)/\(name)",
            swiftSettings: swift
        ),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.byName(name: name), "TestSupport"] + dependencies,
            swiftSettings: swift
        ),
    ]
}

let kernel: [Target] =
    [
        .target(name: "CLinux", path: "Sources/Kernel/CLinux"),
        .target(
            name: "CFreestanding",
            path: "Sources/Kernel/CFreestanding",
            cSettings: [
                .unsafeFlags(["-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-Os"])
            ]
        ),
    ]
    + library("Kernel", "Linux", ["CLinux"])
    + library("Kernel", "Cgroups", ["Linux"])
    + library("Kernel", "Seccomp")
    + library("Kernel", "Netlink", ["CLinux", "Linux"])

let formats: [Target] =
    library("Formats", "JSON")
    + library("Formats", "Addresses")
    + library("Formats", "CNI", ["JSON", "Addresses"])
    + library("Formats", "AppContainer", ["JSON"])
    + library("Formats", "OCI", ["JSON"])
    + library("Formats", "Archives")
    + library("Formats", "Hashes")
    + library("Formats", "Base64")
    + library("Formats", "OpenPGP", ["Hashes", "Base64"])
    + library("Formats", "Containerfiles", ["JSON"])

let images: [Target] =
    [
        .target(
            name: "CCompression",
            path: "Sources/Images/CCompression",
            linkerSettings: [
                .linkedLibrary("isal"), .linkedLibrary("zstd"), .linkedLibrary("lzma"),
                .linkedLibrary("bz2"), .linkedLibrary("crypto"),
            ]
        )
    ]
    + library("Images", "References", ["JSON", "AppContainer", "OCI", "Addresses"])
    + library("Images", "Discovery", ["AppContainer", "References"])
    + library("Images", "Configuration", ["Linux", "JSON", "AppContainer", "References"])
    + library(
        "Images",
        "Trust",
        ["Linux", "Hashes", "Base64", "JSON", "AppContainer", "OpenPGP", "Configuration"]
    )
    + library(
        "Images",
        "ImageStorage",
        [
            "Linux", "Hashes", "JSON", "AppContainer", "OpenPGP", "OCI", "References",
            "Configuration",
            "Trust",
        ]
    )
    + library("Images", "Compression", ["CCompression", "Archives"])
    + [
        .target(
            name: "CTransfer",
            path: "Sources/Images/CTransfer",
            linkerSettings: [.linkedLibrary("curl")]
        )
    ]
    + library("Images", "Transfers", ["CTransfer", "Linux", "Base64", "Compression", "OCI"])
    + library("Images", "Distribution", ["Linux", "JSON", "OCI", "Compression", "Transfers"])
    + library("Images", "Unpacking", ["Linux", "Archives", "Compression", "OCI"])
    + library(
        "Images",
        "Fetching",
        [
            "Linux", "Seccomp", "JSON", "Base64", "AppContainer", "OCI", "References",
            "ImageStorage", "OpenPGP", "Trust", "Discovery", "Configuration", "Unpacking",
            "Compression",
            "Archives", "Transfers", "Distribution",
        ]
    )

let pods: [Target] =
    [
        .target(name: "CStage1Plan", path: "Sources/Pods/CStage1Plan"),
        .executableTarget(
            name: "stage1",
            dependencies: ["CFreestanding", "CStage1Plan"],
            path: "Sources/Pods/Stage1",
            swiftSettings: freestandingSwift,
            linkerSettings: freestandingLink
        ),
    ]
    + library("Pods", "PodLifecycle", ["Linux", "JSON", "AppContainer"])
    + library("Pods", "Stage1ABI", ["CStage1Plan"])
    + library(
        "Pods",
        "PodNetworking",
        [
            "Linux", "Netlink", "JSON", "AppContainer", "Addresses", "CNI", "PodLifecycle",
            "Stage1ABI",
        ]
    )
    + library(
        "Pods",
        "Stage0",
        [
            "Linux", "Cgroups", "Seccomp", "JSON", "AppContainer", "OCI", "References",
            "ImageStorage", "PodLifecycle", "Stage1ABI", "Addresses", "CNI",
            "PodNetworking",
        ]
    )

let building: [Target] = library(
    "Building",
    "ImageBuilding",
    [
        "Linux", "Cgroups", "JSON", "AppContainer", "OCI", "Archives", "References", "ImageStorage",
        "Compression", "Containerfiles", "PodLifecycle", "Seccomp", "Stage0", "Unpacking",
    ]
)

let programs: [Target] =
    library(
        "Programs",
        "Commands",
        [
            "Linux", "Cgroups", "Seccomp", "JSON", "AppContainer", "OCI", "References",
            "OpenPGP", "Configuration", "Trust", "ImageStorage", "PodLifecycle", "Stage1ABI",
            "Addresses", "CNI", "PodNetworking", "Stage0",
        ]
    )
    + library(
        "Programs",
        "BuildCommands",
        [
            "Commands", "ImageBuilding", "Linux", "Cgroups", "JSON", "AppContainer", "OCI",
            "Containerfiles", "References", "ImageStorage", "PodLifecycle", "Stage0",
        ]
    )
    + [
        .executableTarget(
            name: "acbuild",
            dependencies: ["BuildCommands"],
            path: "Sources/Programs/acbuild",
            swiftSettings: swift,
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]
        ),
        .executableTarget(
            name: "rkt",
            dependencies: ["Commands"],
            path: "Sources/Programs/rkt",
            swiftSettings: swift,
            linkerSettings: staticLink
        ),
        .executableTarget(
            name: "rkt-fetcher",
            dependencies: ["Fetching", "ImageBuilding"],
            path: "Sources/Programs/rkt-fetcher",
            swiftSettings: swift,
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]
        ),
    ]

let testing: [Target] = [
    .target(name: "CSpawn", path: "Sources/TestSupport/CSpawn"),
    .target(
        name: "TestSupport",
        dependencies: ["JSON", "CSpawn"],
        path: "Sources/TestSupport/TestSupport",
        swiftSettings: swift
    ),
    .target(name: "CProbe", path: "Sources/TestSupport/CProbe"),
    .executableTarget(
        name: "probe",
        dependencies: ["CProbe"],
        path: "Sources/TestSupport/probe",
        swiftSettings: swift,
        linkerSettings: staticLink
    ),
    .testTarget(
        name: "FunctionalTests",
        dependencies: ["TestSupport", "JSON"],
        swiftSettings: swift
    ),
    .testTarget(
        name: "LayeringTests",
        dependencies: ["TestSupport", "JSON"],
        swiftSettings: swift
    ),
]

let package = Package(
    name: "rkt",
    targets: kernel + formats + images + pods + building + programs + testing
)
