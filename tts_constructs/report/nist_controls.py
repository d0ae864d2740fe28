"""The controls of NIST SP 800-53 rev 5 that rules serve, by their titles."""

from __future__ import annotations

TITLES = {
    "AC-2": "Account Management",
    "AC-3": "Access Enforcement",
    "AC-4": "Information Flow Enforcement",
    "AC-6": "Least Privilege",
    "AC-17": "Remote Access",
    "AC-17(1)": "Monitoring and Control",
    "AC-17(2)": "Protection of Confidentiality and Integrity Using Encryption",
    "AU-2": "Event Logging",
    "AU-3": "Content of Audit Records",
    "AU-6": "Audit Record Review, Analysis, and Reporting",
    "AU-11": "Audit Record Retention",
    "AU-12": "Audit Record Generation",
    "CA-5": "Plan of Action and Milestones",
    "CA-7": "Continuous Monitoring",
    "CM-2": "Baseline Configuration",
    "CM-3": "Configuration Change Control",
    "CM-5": "Access Restrictions for Change",
    "CM-6": "Configuration Settings",
    "CM-7": "Least Functionality",
    "CM-7(5)": "Authorized Software: Allow-by-exception",
    "CM-8": "System Component Inventory",
    "CP-2": "Contingency Plan",
    "CP-9": "System Backup",
    "CP-10": "System Recovery and Reconstitution",
    "IA-2": "Identification and Authentication (Organizational Users)",
    "IA-5(7)": "No Embedded Unencrypted Static Authenticators",
    "PM-3": "Information Security and Privacy Resources",
    "PM-5": "System Inventory",
    "SA-2": "Allocation of Resources",
    "SA-3(2)": "Use of Live or Operational Data",
    "SA-4": "Acquisition Process",
    "SA-9": "External System Services",
    "SA-10": "Developer Configuration Management",
    "SC-7": "Boundary Protection",
    "SC-7(5)": "Deny by Default: Allow by Exception",
    "SC-8": "Transmission Confidentiality and Integrity",
    "SC-8(1)": "Cryptographic Protection",
    "SC-13": "Cryptographic Protection",
    "SC-23": "Session Authenticity",
    "SC-28": "Protection of Information at Rest",
    "SC-28(1)": "Cryptographic Protection",
    "SC-36": "Distributed Processing and Storage",
    "SI-2": "Flaw Remediation",
    "SI-4": "System Monitoring",
    "SI-12": "Information Management and Retention",
    "SI-13": "Predictable Failure Prevention",
}


def titled(control: str) -> str:
    """Adds the title to a control; a control that no rule of ours serves stays as it is."""
    return f"{control} {TITLES.get(control, '')}".rstrip()
