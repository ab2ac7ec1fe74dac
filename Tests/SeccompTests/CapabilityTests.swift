import Testing

@testable import Seccomp

@Suite struct CapabilityTests {
    @Test func namesAreTheKernels() {
        #expect(Capability.allCases.count == 41)
        #expect(Capability.sysAdmin.rawValue == 21)
        #expect(Capability.checkpointRestore.name == "CAP_CHECKPOINT_RESTORE")
        for capability in Capability.allCases {
            #expect(Capability(name: capability.name) == capability)
        }
    }

    @Test(arguments: ["", "CAP_", "cap_chown", "CHOWN", "CAP_FOO", "CAP_CHOWN "])
    func otherNamesAreUnknown(name: String) {
        #expect(Capability(name: name) == nil)
    }

    @Test func defaultSetsAreThoseOfTheSpecifications() {
        #expect(CapabilitySet.appc.rawValue == 0xA804_25FB)
        #expect(CapabilitySet.appc.members.count == 14)
        #expect(CapabilitySet.oci.members.count == 11)
        #expect(CapabilitySet.all.rawValue == 0x1FF_FFFF_FFFF)
    }
}
