import pulumi

# `pulumi package add keycard` generates this package.
import pulumi_keycard as keycard

deployer = keycard.ServiceAccount("deployer", description="Deploys from CI")
key = keycard.ServiceAccountCredential(
    "key",
    service_account_id=deployer.id,
    name="GitHub Actions",
    rotate_when_changed={"rotation": "1"},  # Another value replaces the credential.
)

pulumi.export("clientId", key.client_id)
pulumi.export("clientSecret", key.client_secret)  # a Pulumi secret
