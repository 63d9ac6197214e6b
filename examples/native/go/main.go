package main

import (
	// `pulumi package add keycard` generates this package.
	"example.com/pulumi-keycard/sdk/go/keycard"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		deployer, err := keycard.NewServiceAccount(ctx, "deployer", &keycard.ServiceAccountArgs{
			Description: pulumi.String("Deploys from CI"),
		})
		if err != nil {
			return err
		}
		key, err := keycard.NewServiceAccountCredential(ctx, "key", &keycard.ServiceAccountCredentialArgs{
			ServiceAccountId:  deployer.ID(),
			Name:              pulumi.String("GitHub Actions"),
			RotateWhenChanged: pulumi.StringMap{"rotation": pulumi.String("1")}, // Another value replaces the credential.
		})
		if err != nil {
			return err
		}
		ctx.Export("clientId", key.ClientId)
		ctx.Export("clientSecret", key.ClientSecret) // a Pulumi secret
		return nil
	})
}
